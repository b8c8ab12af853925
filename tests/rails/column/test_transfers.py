"""The Column rail against the pretend bank: what each answer proves, and that a key makes one transfer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.money import Money
from rails.base import DeadlinePassed, EvidenceUnavailable, NotSent
from rails.column.rail import ColumnRail
from tests.rails.column.conftest import NOW, Bank, ach_call, book_call


async def test_an_ach_credit_is_applied_with_the_banks_id_and_debited_at_once(bank: Bank) -> None:
    call = ach_call()
    outcome = await bank.send(call)
    assert (outcome.state, outcome.code) == ("applied", "initiated")
    (transfer,) = (await bank.book())["transfers"]
    assert outcome.rail_id == transfer["id"]
    assert (transfer["description"], transfer["idempotency_key"]) == (call.rail_reference, call.rail_reference)
    assert (transfer["company_entry_description"], transfer["same_day"]) == ("REIMBURSE", True)
    balances = {account["id"]: account["available"] for account in (await bank.book())["bank_accounts"]}
    assert balances["bacc_fs_main"] == 995_000


async def test_a_book_transfer_is_applied(bank: Bank) -> None:
    outcome = await bank.send(book_call())
    assert (outcome.state, outcome.code) == ("applied", "completed")


async def test_the_same_key_again_is_answered_the_same_and_moves_nothing(bank: Bank) -> None:
    call = ach_call()
    first, second = await bank.send(call), await bank.send(call)
    assert first.rail_id == second.rail_id
    assert second.state == "applied"
    assert await bank.effects() == 1


async def test_the_same_key_with_another_request_proves_nothing(bank: Bank) -> None:
    call = ach_call()
    await bank.send(call)
    outcome = await bank.send(replace(call, request={**call.request, "amount": "9"}, money=Money(9, "USD")))
    assert (outcome.state, outcome.code) == ("unknown", "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changes", "code", "must_act"),
    [
        ({"routing": "099000008"}, "invalid_routing_number", "payee"),
        ({"number": "990009401"}, "invalid_account_number", "payee"),
        ({"number": "990009402"}, "counterparty_blocked", "operator"),
        ({"number": "990009403"}, "ach_limit_exceeded", "operator"),
        ({"amount": 1_000_001}, "insufficient_balance", "operator"),
    ],
)
async def test_a_refusal_says_who_must_act(bank: Bank, changes: dict[str, object], code: str, must_act: str) -> None:
    outcome = await bank.send(ach_call(**changes))  # type: ignore[arg-type]
    assert (outcome.state, outcome.code, outcome.must_act) == ("refused", code, must_act)
    assert await bank.effects() == 0


async def test_our_own_configuration_is_the_operators_matter(bank: Bank) -> None:
    outcome = await bank.send(book_call(receiver="bacc_nowhere"))
    assert (outcome.state, outcome.code, outcome.must_act) == ("refused", "bank_account_not_found", "operator")
    stranger = ColumnRail(
        bank.rail._client,
        bank.rail._url,
        "another key",
        timeout_seconds=0.5,
        settling_delay_seconds=1,
        key_safe_days=25,
        business_now=bank.rail._business_now,
    )
    outcome = await Bank(stranger, bank.control).send(book_call())
    assert (outcome.state, outcome.code, outcome.must_act) == ("refused", "invalid_api_key", "operator")


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        ("cut_before", 0),
        ("cut_after", 1),
        ("delay_before", 1),
        ("delay_after", 1),
        ("malformed_before", 0),
        ("malformed", 1),
        ("http_500_before", 0),
        ("http_500_after", 1),
        ("wrong_amount", 1),
        ("wrong_reference", 1),
        ("status:408", 0),
        ("status:409", 0),
        ("status:429", 0),
        ("status:422", 0),
        ("status:302", 0),
        ("status_after:400", 1),
    ],
)
async def test_every_doubt_is_unknown_and_the_repeat_under_the_key_makes_one_transfer(
    bank: Bank, kind: str, effects: int
) -> None:
    await bank.fault(kind, delay_ms=700 if "delay" in kind else 0)
    call = ach_call()

    outcome = await bank.send(call)

    assert outcome.state == "unknown"
    if "delay" not in kind:
        assert await bank.effects() == effects
    finding = await bank.rail.find(call)
    assert finding.conclusion == "send_again"
    again = await bank.send(call)
    assert again.state == "applied"
    assert await bank.effects() == 1


async def test_a_closed_door_is_not_sent(bank: Bank) -> None:
    await bank.fault("refuse_connection")
    with pytest.raises(NotSent):
        await bank.send(ach_call())


async def test_nothing_is_written_after_the_gate_closed(bank: Bank) -> None:
    async def gate() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(NotSent):
        await bank.rail.send(ach_call(), gate)
    assert (await bank.control.get("/journal")).json()["data"] == []


async def test_after_its_keys_safe_days_a_transfer_is_looked_up_and_never_sent_again(bank: Bank) -> None:
    made, never = ach_call(), ach_call()
    for amount in (1, 2, 3):
        await bank.send(book_call(amount))
    rail_id = (await bank.send(made)).rail_id
    bank.now = NOW + timedelta(days=25)

    found = await bank.rail.find(made)
    assert (found.conclusion, found.outcome.rail_id if found.outcome else None) == ("applied", rail_id)
    absent = await bank.rail.find(never)
    assert absent.conclusion == "cannot_tell"
    bank.now -= timedelta(seconds=1)
    assert (await bank.rail.find(never)).conclusion == "send_again"


async def test_a_listing_of_many_pages_is_read_to_its_end(bank: Bank) -> None:
    first = book_call(1)
    await bank.send(first)
    for _ in range(101):
        await bank.send(book_call(1))
    bank.now = NOW + timedelta(days=26)
    assert (await bank.rail.find(first)).conclusion == "applied"


async def test_a_bank_that_does_not_answer_a_question_is_asked_later(bank: Bank) -> None:
    bank.now = NOW + timedelta(days=26)
    await bank.fault("http_500_before", count=None)
    with pytest.raises(EvidenceUnavailable):
        await bank.rail.find(ach_call())


async def test_a_transfer_of_another_amount_under_our_reference_is_for_a_person(bank: Bank) -> None:
    call = ach_call()
    await bank.send(call)
    bank.now = NOW + timedelta(days=26)
    finding = await bank.rail.find(replace(call, money=Money(1, "USD")))
    assert (finding.conclusion, finding.evidence["why"]) == ("cannot_tell", "Column moved another amount.")


async def test_nothing_secret_is_in_an_outcome(bank: Bank) -> None:
    for call in (ach_call(), ach_call(number="990009401")):
        outcome = await bank.send(call)
        assert call.request["counterparty[account_number]"] not in repr(outcome) + str(outcome.evidence)
