"""What each return code means for us: the groups of the rules retyped, against the table that is loaded."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.return_codes import return_code, return_codes
from domain.return_policy import AccountEffect, Circumstances, Kind, decide, in_time, kind_of

SETTLED = date(2026, 11, 24)
SEEN = Circumstances(
    direction="debit",
    reinitiation_wanted=True,
    reinitiations=0,
    payments_returned=1,
    original_settlement=SETTLED,
    today=date(2026, 11, 27),
)

# retyped from the rules by group, not read from the product's table
FUNDS = {"R01", "R09"}
DISABLE = {"R02", "R03", "R04", "R12", "R13", "R14", "R15", "R16", "R17", "R20", "R28", "R34"}
DISABLE_DEBITS = {"R05", "R07", "R10", "R29"}
HOLD = {"R08", "R11"}
REVOKED = {"R05", "R07", "R10", "R14", "R15", "R29"}
DISHONORED = {"R61", "R62", "R67", "R68", "R69", "R70"}
CONTESTED = {"R71", "R72", "R73", "R74", "R75", "R76", "R77"}


def expected_effect(code: str) -> AccountEffect:
    for codes, effect in (
        (DISABLE, AccountEffect.DISABLE),
        (DISABLE_DEBITS, AccountEffect.DISABLE_DEBITS),
        (HOLD, AccountEffect.HOLD),
    ):
        if code in codes:
            return effect
    return AccountEffect.NONE


def test_the_table_has_all_seventy_codes():
    assert len(return_codes()) == 70
    assert set(return_codes()) >= FUNDS | DISABLE | DISABLE_DEBITS | HOLD | REVOKED | DISHONORED | CONTESTED


@pytest.mark.parametrize("code", sorted(return_codes()))
def test_each_code_has_the_effect_of_its_group(code):
    decision = decide(return_code(code), SEEN, pause_banking_days=1)
    assert decision.account is expected_effect(code)
    assert decision.revoke_authorization is (code in REVOKED)
    assert (decision.reinitiate_on is not None) is (code in FUNDS), "only R01 and R09 are sent again"
    wanted = Kind.DISHONOR if code in DISHONORED else Kind.CONTEST if code in CONTESTED else Kind.RETURN
    assert decision.kind is kind_of(code) is wanted
    assert not decision.loss
    if wanted is not Kind.RETURN or code in HOLD | DISABLE_DEBITS | {"R14", "R15", "R16", "R17"}:
        assert decision.case is not None, "a person sees it"
    if code in FUNDS:
        assert (decision.case, decision.must_act) == (None, "nobody")


@pytest.mark.parametrize("code", sorted(return_codes()))
def test_no_code_is_sent_again_unless_that_was_opted_into(code):
    assert (
        decide(return_code(code), replace(SEEN, reinitiation_wanted=False), pause_banking_days=1).reinitiate_on is None
    )


@pytest.mark.parametrize("code", ["R48", "R63", "R99", "X01", ""])
def test_an_unknown_code_holds_the_account_and_is_seen_by_a_person(code):
    decision = decide(return_code(code), SEEN, pause_banking_days=1)
    assert (decision.account, decision.case, decision.reinitiate_on) == (
        AccountEffect.HOLD,
        "unknown_return_code",
        None,
    )
    assert decision.must_act == "operator"


@pytest.mark.parametrize("code", sorted(FUNDS))
def test_at_most_two_more_tries(code):
    tries = [decide(return_code(code), replace(SEEN, reinitiations=n), pause_banking_days=1) for n in range(4)]
    assert [decision.reinitiate_on is not None for decision in tries] == [True, True, False, False]


def test_the_day_is_a_banking_day_counted_from_the_return():
    first = decide(return_code("R01"), replace(SEEN, today=date(2026, 11, 25)), pause_banking_days=1)
    assert first.reinitiate_on == date(2026, 11, 27), "Thanksgiving is no banking day"
    third = decide(return_code("R01"), replace(SEEN, today=date(2026, 11, 25)), pause_banking_days=3)
    assert third.reinitiate_on == date(2026, 12, 1)


def test_the_last_entry_settles_within_180_days_of_the_original_settlement():
    # settlement 2026-11-24: the 180th day is Sunday 2027-05-23; the last entry goes out on Thursday and settles Friday
    assert in_time(date(2027, 5, 20), SETTLED)
    assert not in_time(date(2027, 5, 21), SETTLED)
    late = decide(return_code("R01"), replace(SEEN, today=date(2027, 5, 20)), pause_banking_days=1)
    assert late.reinitiate_on is None
    assert "180" in late.reason


def test_the_second_payment_that_comes_back_disables_whatever_the_code():
    decision = decide(return_code("R01"), replace(SEEN, payments_returned=2), pause_banking_days=1)
    assert (decision.account, decision.reinitiate_on) == (AccountEffect.DISABLE, None)
    kept = decide(return_code("R10"), replace(SEEN, payments_returned=2), pause_banking_days=1)
    assert kept.account is AccountEffect.DISABLE_DEBITS, "the code's own effect comes first"


def test_a_return_after_a_refund_is_a_loss_and_is_not_collected_again():
    decision = decide(return_code("R01"), replace(SEEN, refunded=True), pause_banking_days=1)
    assert (decision.loss, decision.case, decision.reinitiate_on) == (True, "return_after_refund", None)


def test_a_credit_that_comes_back_is_never_sent_again_by_itself():
    decision = decide(return_code("R01"), replace(SEEN, direction="credit", refunded=True), pause_banking_days=1)
    assert (decision.reinitiate_on, decision.loss) == (None, False)


def test_the_late_claim_is_decided_like_the_early_one():
    early, late = (
        decide(return_code("R10"), replace(SEEN, today=SETTLED + timedelta(days=days)), pause_banking_days=1)
        for days in (2, 58)
    )
    assert early == late
