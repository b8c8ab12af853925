"""What balances prove after a lost answer: moved, not moved, or nothing."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.money_call import MoneyCall
from rails.base import EvidenceUnavailable
from tests.rails.chek.calls import every_call, with_reading
from tests.rails.chek.conftest import Bench
from tests.rails.chek.test_contract import JOURNAL, OPERATIONS, TRANSFER, open_gate


async def lost(bench: Bench, operation: str, kind: str) -> MoneyCall:
    """A call that was made ready and sent, and whose answer did not come."""
    await bench.others_move(bench.provider, 5_000)
    call = every_call(bench)[operation]
    call = with_reading(call, (await bench.rail.ready(call)).evidence)
    await bench.fault(kind, JOURNAL.get(operation, TRANSFER))
    assert (await bench.rail.send(call, open_gate)).state == "unknown"
    return call


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_wallets_that_moved_by_the_amount_prove_that_it_was_done(bench: Bench, operation: str) -> None:
    call = await lost(bench, operation, "cut_after")
    finding = await bench.rail.find(call)
    assert finding.conclusion == "applied"
    assert finding.outcome is not None
    assert finding.outcome.state == "applied"
    assert len(finding.evidence["readings"]) == 2
    if operation == "send_payment":
        payments = (await bench.control.get("/books/chek")).json()["payments"]
        assert finding.outcome.rail_id == payments[0]["payment_id"]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_wallets_that_stand_where_they_stood_prove_that_it_was_not_done(bench: Bench, operation: str) -> None:
    finding = await bench.rail.find(await lost(bench, operation, "cut_before"))
    assert (finding.conclusion, finding.outcome and finding.outcome.state) == ("refused", "refused")


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
async def test_any_other_balance_is_for_a_person(bench: Bench, kind: str) -> None:
    call = await lost(bench, "wallet_to_wallet", kind)
    await bench.others_move(bench.provider, 1)
    assert (await bench.rail.find(call)).conclusion == "cannot_tell"


async def test_wallets_that_say_different_things_are_for_a_person(bench: Bench) -> None:
    """The family's wallet stands where it stood, the provider's moved by exactly the amount: somebody else paid in."""
    call = await lost(bench, "wallet_to_wallet", "cut_before")
    await bench.others_move(bench.provider, 1_000)
    assert (await bench.rail.find(call)).conclusion == "cannot_tell"


async def test_a_payment_that_the_list_does_not_show_is_for_a_person_though_the_balance_moved(bench: Bench) -> None:
    call = await lost(bench, "send_payment", "cut_before")
    body = {
        "source": {"kind": "wallet", "id": int(bench.provider)},
        "destination": {"kind": "outside"},
        "amount": 1_000,
    }
    await bench.control.post("/chek/movements", json=body)
    assert (await bench.rail.find(call)).conclusion == "cannot_tell"


async def test_a_payment_without_a_list_from_before_is_for_a_person(bench: Bench) -> None:
    call = await lost(bench, "send_payment", "cut_after")
    assert (await bench.rail.find(replace(call, evidence=()))).conclusion == "cannot_tell"


async def test_nothing_is_concluded_before_the_deadline_and_the_settling_delay_have_passed(bench: Bench) -> None:
    call = await lost(bench, "fund_family", "cut_after")
    deadline = datetime.now(UTC) + timedelta(seconds=5)
    assert (await bench.rail.find(replace(call, send_deadline=deadline))).conclusion == "not_yet"


async def test_what_happens_between_the_two_readings_is_asked_about_again(bench: Bench) -> None:
    call = await lost(bench, "fund_family", "cut_before")
    bench.rail._readings_apart_seconds = 0.4
    finding = asyncio.create_task(bench.rail.find(call))
    await asyncio.sleep(0.2)
    await bench.others_move(bench.family, 1_000)
    assert (await finding).conclusion == "not_yet"


async def test_a_partner_that_cannot_be_read_is_asked_later(bench: Bench) -> None:
    call = await lost(bench, "fund_family", "cut_after")
    await bench.fault("http_500_before", "users.get")
    with pytest.raises(EvidenceUnavailable):
        await bench.rail.find(call)


async def test_a_wallet_that_is_not_what_the_books_say_is_not_ready(bench: Bench) -> None:
    call = every_call(bench)["fund_family"]
    await bench.others_move(bench.family, 1)
    ready = await bench.rail.ready(call)
    assert not ready.agrees
    wallet = f"user:{bench.family}"
    assert ready.evidence == {"balances": {wallet: 10_001}, "expected": {wallet: 10_000}}
