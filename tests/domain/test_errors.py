"""The tree of errors: stable codes, and what an error tells its reader."""

import inspect
import re

import pytest

from domain import errors
from domain.errors import BursarError, InvalidInput, LedgerError, Unavailable


def error_classes() -> list[type[BursarError]]:
    classes = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, BursarError)]
    assert len(classes) > 20
    return classes


def test_the_drawn_tree_names_every_class_under_its_parent():
    drawing = errors.__doc__ or ""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in drawing.splitlines():
        match = re.match(r"^    (?P<lead>[│├└─ ]*)(?P<name>[A-Z]\w+)", line)
        if not match:
            continue
        depth = len(match["lead"]) // 4
        path[depth:] = [match["name"]]
        parents[match["name"]] = path[depth - 1] if depth else "Exception"
    assert parents == {cls.__name__: cls.__bases__[0].__name__ for cls in error_classes()}


def test_every_ledger_error_has_its_own_sqlstate_and_code():
    concrete = [cls for cls in error_classes() if issubclass(cls, LedgerError) and cls is not LedgerError]
    assert sorted(errors.LEDGER_ERRORS) == [f"BL00{n}" for n in range(1, 8)]
    assert set(errors.LEDGER_ERRORS.values()) == set(concrete)
    assert len({cls().code for cls in concrete}) == len(concrete)


def test_an_error_reads_as_its_message_and_carries_what_to_do():
    error = InvalidInput("/amount", "Must be positive.")
    assert str(error) == "Must be positive."
    assert (error.code, error.field, error.retry, error.who_must_act) == (
        "invalid_input",
        "/amount",
        "after_change",
        "caller",
    )


@pytest.mark.parametrize("seconds", [1, 30])
def test_an_unavailable_part_says_when_to_come_back(seconds):
    assert Unavailable("The database is away.", retry_after=seconds).retry_after == seconds
