"""Seed 002's sanity checks before a reversal, each by its own name, and whose turn it is after a return."""

from typing import Any

import pytest

from domain.errors import StateConflict
from domain.payout import hcb_holding_state, require_reversible
from domain.payout_method import METHODS

REPORT = {"state": "reimbursing"}
HOLDING = {"state": "returned"}
SETTLED = [{"state": "settled"}]


def refusal(report: Any, holding: Any, payouts: Any, attempts: list[tuple[str, bool]]) -> str:
    with pytest.raises(StateConflict) as refused:
        require_reversible(report, holding, payouts, [(METHODS[kind], ended) for kind, ended in attempts])
    return refused.value.code


@pytest.mark.parametrize("state", ["draft", "reimbursement_approved", "rejected", "cancelled", "reversed"])
def test_only_a_reimbursing_or_reimbursed_report_is_reversed(state: str) -> None:
    assert refusal({"state": state}, HOLDING, SETTLED, []) == "report_not_reimbursed"


def test_every_expense_payout_must_be_settled() -> None:
    assert refusal(REPORT, HOLDING, [*SETTLED, {"state": "pending"}], []) == "expense_payouts_not_settled"


@pytest.mark.parametrize("state", ["funding", "sending", "sent", "settled", "reversing"])
def test_only_a_failed_holding_is_reversed(state: str) -> None:
    assert refusal(REPORT, {"state": state}, SETTLED, []) == "payout_holding_not_failed"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("ach", "ach_transfer_not_failed"),
        ("paypal", "paypal_transfer_not_rejected"),
        ("check", "check_present"),
        ("wire", "wire_not_refused"),
    ],
)
def test_every_attempt_by_every_method_must_have_ended_badly(kind: str, code: str) -> None:
    assert refusal(REPORT, HOLDING, SETTLED, [("ach", True), (kind, False)]) == code


def test_a_failed_payout_of_which_nothing_is_in_doubt_is_reversed() -> None:
    require_reversible(REPORT, HOLDING, SETTLED, [(method, True) for method in METHODS.values()])


@pytest.mark.parametrize(
    ("code", "who"),
    [("R02", "payee"), ("R03", "payee"), ("R04", "payee"), ("R20", "payee"), ("R23", "payee"), ("R16", "operator"),
     ("R06", "operator"), ("R99", "operator"), (None, "operator")],
)  # fmt: skip
def test_the_payee_acts_only_on_returns_that_other_bank_details_mend(code: str | None, who: str) -> None:
    assert METHODS["ach"].who_acts("returned", code) == who


@pytest.mark.parametrize(
    ("meaning", "code", "who"),
    [("returned", "RECEIVER_ACCOUNT_LOCKED", "payee"), ("returned", "INVALID_EMAIL_ID", "payee"),
     ("returned", "INTERNAL_ERROR", "nobody"), ("returned", "ACCOUNT_RESTRICTED", "operator"),
     ("returned", "SENDER_ACCOUNT_LOCKED", "operator"), ("returned", "A_NAME_OF_NEXT_YEAR", "operator"),
     ("returned", None, "operator")],
)  # fmt: skip
def test_an_error_of_paypal_that_is_not_of_the_recipient_by_its_own_table_is_an_operators(
    meaning: str, code: str | None, who: str
) -> None:
    assert METHODS["paypal"].who_acts(meaning, code) == who


def test_hcb_shows_a_failed_payout_as_failed_and_an_unfunded_one_by_its_book_transfer() -> None:
    assert hcb_holding_state("action_required", "settled", on_its_way=False) == "failed"
    assert hcb_holding_state("action_required", "pending", on_its_way=False) == "pending"
    assert hcb_holding_state("funding", "pending", on_its_way=True) == "in_transit"
    assert hcb_holding_state("sending", "settled", on_its_way=False) == "settled"
    assert hcb_holding_state("returned", "settled", on_its_way=False) == "failed"
