"""What a person types into the web UI's signal dialog, as the flow takes it."""

from typing import Any
from uuid import UUID

import pytest

from contracts.flow import NOTHING_SAID, ask_from

METHOD = UUID("01a1fa63-8415-74eb-ae05-1c0534f8868c")


@pytest.mark.parametrize("typed", [f"pm_{METHOD.hex}", METHOD.hex, str(METHOD)])
def test_a_payout_method_is_known_as_the_api_shows_it(typed: str) -> None:
    ask = ask_from([{"reason": "new account", "method_id": typed}])
    assert ask is not None
    assert ask.method_id == METHOD


@pytest.mark.parametrize("typed", [f"payee_{METHOD.hex}", "pm_", 5])
def test_anything_else_is_no_payout_method(typed: Any) -> None:
    assert ask_from([{"method_id": typed}]) is None


@pytest.mark.parametrize("said", [(), (None,)])
def test_an_empty_input_asks_without_a_reason(said: tuple[Any, ...]) -> None:
    assert ask_from(said) == NOTHING_SAID
