"""Which parts are embedded, and where their passwords come from."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.configuration import embeds_postgres, embeds_temporal, read_settings, with_database
from cli.embedded.board import Board
from cli.embedded.failure import StartFailedError
from cli.embedded.machine import supervisor
from settings import Settings

URL = "postgresql+asyncpg://bursar_app:secret@db.example/bursar"


def part_names(**given: Any) -> list[str]:
    running = supervisor(Settings(**given), Board(Console(quiet=True)))
    return [part.name for part in running._parts]


def test_by_default_everything_is_started_here() -> None:
    assert part_names() == ["PostgreSQL", "Temporal", "migrations", "sandbox partners", "worker", "API"]


def test_a_database_elsewhere_is_not_started_and_migrated_only_by_its_owner() -> None:
    elsewhere = {"url": URL}
    assert part_names(database=elsewhere) == ["Temporal", "sandbox partners", "worker", "API"]
    assert part_names(database={**elsewhere, "owner_url": URL})[:2] == ["Temporal", "migrations"]


def test_a_temporal_elsewhere_is_not_started() -> None:
    assert "Temporal" not in part_names(temporal={"address": "temporal.example:7233"})


def test_in_external_mode_only_our_own_programs_are_started() -> None:
    external = {"mode": "external", "database": {"url": URL}, "temporal": {"address": "temporal.example:7233"}}
    assert part_names(**external) == ["sandbox partners", "worker", "API"]
    assert part_names(**external, sandbox={"host": "sandbox.example"}) == ["worker", "API"]


def test_another_port_of_the_embedded_temporal_is_still_embedded() -> None:
    assert embeds_temporal(Settings(temporal={"port": 17233}))
    assert embeds_postgres(Settings(database={"port": 15432}))


def test_the_embedded_passwords_make_both_urls(tmp_path: Path) -> None:
    (tmp_path / "postgres/data").mkdir(parents=True)
    (tmp_path / "postgres/passwords.json").write_text(json.dumps({"postgres": "owner", "bursar_app": "app"}))
    database = with_database(Settings(data_dir=tmp_path, database={"port": 15432})).database
    assert database.url.get_secret_value() == "postgresql+asyncpg://bursar_app:app@127.0.0.1:15432/bursar"
    assert database.owner_url.get_secret_value() == "postgresql+asyncpg://postgres:owner@127.0.0.1:15432/bursar"


def test_without_a_cluster_the_line_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(StartFailedError, match=r"there is no database in .*; start Bursar first: bursar up"):
        with_database(Settings(data_dir=tmp_path))


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BURSAR_ENVIROMENT", "live")
    with pytest.raises(StartFailedError, match="settings: there is no setting BURSAR_ENVIROMENT"):
        read_settings()


def test_worker_and_api_never_learn_the_owners_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli.embedded.machine import _environment

    (tmp_path / "postgres/data").mkdir(parents=True)
    (tmp_path / "postgres/passwords.json").write_text(json.dumps({"postgres": "sEcReT", "bursar_app": "app"}))
    monkeypatch.setenv("BURSAR_DATABASE__OWNER_URL", "postgresql+asyncpg://postgres:sEcReT@127.0.0.1/bursar")
    told = _environment(Settings(data_dir=tmp_path))()
    assert ":app@" in told["BURSAR_DATABASE__URL"]
    assert "sEcReT" not in " ".join(told.values())
