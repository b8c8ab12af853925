"""The last results stand in the documentation as the program wrote them, each question once."""

from pathlib import Path

import pytest

from bench.answer import Answer, Goal, Row
from bench.document import DOCUMENT, PLACE, part_of, write

WHERE = {"date": "2026-11-21", "commit": "abc", "processor": "some", "cores": 2, "memory_gb": 24, "python": "3.11"}
WHERE = {**WHERE, "packages": {"asyncpg": "0.32"}, "load_before": [0.1], "load_after": [1.9]}


def test_a_part_is_added_once_and_replaced_from_then_on(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n\n{PLACE}\n\nafter\n", encoding="utf-8")
    for rate in (10.0, 20.0):
        row = Row("ours", "8 | spread", rate, ratio=0.5, ratio_range=(0.41, 0.62))
        goals = [Goal("of bare", 0.7, 0.5), Goal("of it", 0.7, 0.5, range=(0.41, 0.62)), Goal("x", 2, 1, range=(1, 1))]
        answer = Answer("speed", "flows", [row], goals)
        write("speed", part_of(answer, WHERE), document)
        write("other", ["text"], document)
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert text.count("<!-- measured: speed -->") == text.count("<!-- measured: other -->") == 1
    assert "| ours | 8 / spread | 20.0 |  |  | 0.50 (0.41-0.62) |" in text
    assert "10.0" not in text
    assert "NOT MET: of bare: 0.50 (at least 0.7)" in text
    assert "NOT MET: of it: 0.50 (0.41-0.62; at least 0.7)" in text
    assert "NOT MET: x: 1.00 (at least 2)" in text


def test_a_document_without_a_place_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "other.md"
    document.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="has no line"):
        write("speed", [], document)


def test_the_documentation_has_the_place() -> None:
    assert PLACE in DOCUMENT.read_text(encoding="utf-8")
