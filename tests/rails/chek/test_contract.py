"""The rail's sends against Chek's sandbox: what each kind of answer, and of fault, is taken for."""

from collections.abc import Awaitable, Callable

import pytest

from rails.base import DeadlinePassed, NotSent
from tests.rails.chek.calls import every_call
from tests.rails.chek.conftest import Bench

OPERATIONS = ["fund_family", "wallet_to_wallet", "return_to_family", "send_payment", "allocate_to_card", "reclaim"]
JOURNAL = {"send_payment": "directpay.send_payment", "allocate_to_card": "cards.transfer_balance"}
TRANSFER = "users.transfer_balance"
LATE_MS = 900
FAULTS = {
    "cut_before": 0,
    "cut_after": 1,
    "delay_before": None,  # whether Chek still processes a request that was hung up on is Chek's affair
    "delay_after": 1,
    "malformed_before": 0,
    "malformed": 1,
    "http_500_before": 0,
    "http_500_after": 1,
    "wrong_amount": 1,
    "wrong_reference": 1,
    "status:302": 0,
    "status:403": 0,
    "status:409": 0,
    "status:429": 0,
    "status:503": 0,
    "status_after:400": 1,
}


async def open_gate() -> None:
    """It is not too late."""


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_each_operation_moves_the_money_once_and_is_known_by_the_partners_id(
    bench: Bench, operation: str
) -> None:
    await bench.others_move(bench.provider, 5_000)
    call = every_call(bench)[operation]
    ready = await bench.rail.ready(call)
    assert ready.agrees
    outcome = await bench.rail.send(call, open_gate)
    assert (outcome.state, outcome.code) == ("applied", "done")
    assert outcome.rail_id
    assert await bench.took_effect(JOURNAL.get(operation, TRANSFER)) == 1
    after = await bench.balances()
    moved = {
        "fund_family": {("wallet", bench.family): 11_000, ("program", "501"): 999_000},
        "wallet_to_wallet": {("wallet", bench.family): 9_000, ("wallet", bench.provider): 6_000},
        "return_to_family": {("wallet", bench.family): 11_000, ("wallet", bench.provider): 4_000},
        "send_payment": {("wallet", bench.provider): 4_000},
        "allocate_to_card": {("wallet", bench.provider): 4_000, ("card", bench.card): 1_000},
        "reclaim": {("wallet", bench.provider): 4_000, ("program", "501"): 1_001_000},
    }
    assert {name: after[name] for name in moved[operation]} == moved[operation]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("operation", ["wallet_to_wallet", "send_payment", "allocate_to_card"])
async def test_every_fault_leaves_the_call_in_doubt_and_is_asked_once(bench: Bench, operation: str, kind: str) -> None:
    await bench.others_move(bench.provider, 5_000)
    await bench.fault(kind, JOURNAL.get(operation, TRANSFER), LATE_MS if kind.startswith("delay") else 0)
    outcome = await bench.rail.send(every_call(bench)[operation], open_gate)
    assert outcome.state == "unknown", outcome
    listed = (await bench.control.get("/journal", params={"partner": "chek"})).json()["data"]
    assert len([call for call in listed if call["amount"] == 1_000]) == 1
    if FAULTS[kind] is not None:
        assert await bench.took_effect(JOURNAL.get(operation, TRANSFER)) == FAULTS[kind]


async def test_without_a_connection_nothing_was_sent(bench: Bench) -> None:
    await bench.fault("refuse_connection")
    with pytest.raises(NotSent):
        await bench.rail.send(every_call(bench)["fund_family"], open_gate)


async def test_a_gate_that_closes_keeps_every_byte_back(bench: Bench) -> None:
    async def closed() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        await bench.rail.send(every_call(bench)["fund_family"], closed)
    listed = (await bench.control.get("/journal", params={"partner": "chek"})).json()["data"]
    assert listed == []


async def _without_funds(bench: Bench) -> None:
    """The provider's wallet is empty from the start."""


async def _without_account(bench: Bench) -> None:
    await bench.others_move(bench.provider, 5_000)
    await bench.control.put(f"/chek/users/{bench.provider}/directpay", json={"status": "Inactive"})


@pytest.mark.parametrize("spoil", [_without_funds, _without_account])
async def test_a_refusal_that_chek_words_in_json_is_one(
    bench: Bench, spoil: Callable[[Bench], Awaitable[None]]
) -> None:
    await spoil(bench)
    outcome = await bench.rail.send(every_call(bench)["send_payment"], open_gate)
    assert (outcome.state, outcome.code, outcome.must_act) == ("refused", "chek_400", "operator")
    assert await bench.took_effect("directpay.send_payment") == 0
