"""What the payer is told, and whether whoever presents payments may try again: never a second time what goes on."""

from typing import Any

import pytest

from domain.ach import AchState
from domain.payer_advice import payer_advice


def entry(**values: Any) -> dict[str, Any]:
    """A debit that the gateway took."""
    named = {"code": None, "auth_resp": "00", "return_code": None, "must_act": None}
    return {"type": "DEBIT", "direction": "debit", **named, **values}


@pytest.mark.parametrize(
    ("values", "state", "words", "advice"),
    [
        ({}, "accepted", "accepted", "none"),
        ({"auth_resp": None}, "accepted", "accepted", "none"),
        ({}, "settled", "was made", "none"),
        ({}, "voided", "cancelled: nothing is debited", "none"),
        ({"type": "VOID"}, "accepted", "cancelled: nothing is debited", "none"),
        ({"type": "REFUND", "direction": "credit"}, "accepted", "on its way to your account", "none"),
        ({"direction": "credit"}, "settled", "sent to your account", "none"),
        ({"direction": "credit", "return_code": "R10"}, "returned", "give us another account", "after_change"),
        ({"return_code": "R01", "must_act": "payee"}, "returned", "lack of funds.", "later"),
        ({"return_code": "R01", "must_act": "nobody"}, "returned", "once more", "none"),
        ({"return_code": "R10", "must_act": "payee"}, "dishonored", "not debit this account again", "after_change"),
        ({"auth_resp": None}, "unknown", "do not pay again", "not_before_known"),
        ({"code": "51", "auth_resp": "51"}, "declined", "try later", "later"),
        ({"code": "account_disabled", "auth_resp": None}, "canceled", "not made", "after_change"),
        ({"code": "51", "auth_resp": None}, "canceled", "not made", "after_change"),
    ],
)
def test_each_state_has_its_own_sentence_and_advice(
    values: dict[str, Any], state: str, words: str, advice: str
) -> None:
    given = payer_advice(entry(**values), AchState(state))
    assert given.user_message is not None
    assert words in given.user_message
    assert given.retry_advice == advice


def test_of_what_is_not_handed_over_yet_nothing_is_said() -> None:
    assert payer_advice(entry(auth_resp=None), AchState.SUBMITTING).user_message is None
