"""Identity: flow, step and ordinal; one try of a step that is neither refused nor returned."""

from dataclasses import replace

import pytest

from domain.errors import InsufficientFunds, StaleToken, StateConflict, WalletBusy
from domain.money_call import Hold, LedgerLine
from tests.money_call.desk import APPLIED, SHORT, Desk, all_of


async def test_the_same_identity_again_is_the_same_call(desk: Desk) -> None:
    new = desk.new()
    first = await desk.record(new)
    second = await desk.record(replace(new, rail_reference="another"))
    assert (second.id, second.rail_reference) == (first.id, first.rail_reference)


async def test_the_same_identity_with_another_request_is_refused(desk: Desk) -> None:
    await desk.record(desk.new(request={"AMOUNT": "10.00"}))
    with pytest.raises(StateConflict) as refused:
        await desk.record(desk.new(request={"AMOUNT": "10.01"}))
    assert refused.value.code == "request_changed"


async def test_of_two_that_record_at_once_one_records(desk: Desk) -> None:
    ends = await all_of(*(desk.record() for _ in range(6)))
    assert len({end.id for end in ends if not isinstance(end, Exception)}) == 1
    assert {end.code for end in ends if isinstance(end, StateConflict)} <= {"payment_still_open"}
    assert not [end for end in ends if isinstance(end, Exception) and not isinstance(end, StateConflict)]
    assert await desk.owner.fetchval("select count(*) from money_call where flow_id = $1", desk.flow_id) == 1


@pytest.mark.parametrize("state", ["recorded", "sending", "unknown", "needs_person", "applied"])
async def test_the_next_try_waits_for_the_end_of_this_one(desk: Desk, state: str) -> None:
    call = await desk.in_state(state)
    for ordinal in (2, 3):
        with pytest.raises(StateConflict) as refused:
            await desk.record(desk.new(ordinal=ordinal), flow_id=call.flow_id)
        assert refused.value.code == "payment_still_open"


async def test_after_a_refusal_or_a_return_the_step_may_be_tried_again(desk: Desk) -> None:
    refused = await desk.in_state("refused")
    assert (await desk.record(desk.new(ordinal=2), flow_id=refused.flow_id)).ordinal == 2
    applied = await desk.in_state("applied")
    assert (await desk.returned(applied)).returned_at is not None
    assert (await desk.returned(applied)).returned_at is not None, "told twice, returned once"
    assert (await desk.record(desk.new(ordinal=2), flow_id=applied.flow_id)).ordinal == 2


@pytest.mark.parametrize("state", ["recorded", "sending", "unknown", "needs_person", "refused"])
async def test_only_an_applied_call_is_returned(desk: Desk, state: str) -> None:
    with pytest.raises(StaleToken):
        await desk.returned(await desk.in_state(state))


async def test_a_step_does_not_go_back_to_an_earlier_try(desk: Desk) -> None:
    applied = await desk.in_state("applied")
    await desk.returned(applied)
    second = await desk.record(desk.new(ordinal=2), flow_id=applied.flow_id)
    again = await desk.record(desk.new(ordinal=1), flow_id=applied.flow_id)
    assert (again.id, again.state) == (applied.id, "applied")
    assert second.state == "recorded"


async def test_a_hold_that_the_account_cannot_bear_leaves_no_call(desk: Desk) -> None:
    cash = f"org:{desk.organization_id.hex}:cash"
    new = replace(desk.new(), hold=Hold("test", (LedgerLine(cash, "external:bank:epx", 1000),)))
    with pytest.raises(InsufficientFunds):
        await desk.record(new)
    assert await desk.owner.fetchval("select count(*) from money_call where flow_id = $1", desk.flow_id) == 0


async def test_a_wallet_belongs_to_one_open_call_at_a_time(desk: Desk) -> None:
    new = [replace(desk.new(f"step-{n}"), wallets=(f"{desk.flow_id}/1", f"{desk.flow_id}/2{n}")) for n in range(5)]
    ends = await all_of(*(desk.record(one) for one in new))
    (holder,) = [end for end in ends if not isinstance(end, Exception)]
    assert {type(end) for end in ends if isinstance(end, Exception)} == {WalletBusy}
    kept = "select array_agg(wallet_id order by 1) from wallet_in_flight where money_call_id = $1"
    assert len(await desk.owner.fetchval(kept, holder.id)) == 2
    taken = await desk.taken(holder, window=SHORT)
    await desk.in_doubt(taken, "needs_person", by="find")
    with pytest.raises(WalletBusy):
        await desk.record(replace(desk.new("later"), wallets=(f"{desk.flow_id}/1",)))
    await desk.settle(taken, APPLIED)
    assert (await desk.record(replace(desk.new("later"), wallets=(f"{desk.flow_id}/1",)))).state == "recorded"


async def test_wallets_named_in_any_order_never_lock_each_other_out_for_good(desk: Desk) -> None:
    names = [f"{desk.flow_id}/{n}" for n in range(6)]
    new = [replace(desk.new(f"step-{n}"), wallets=tuple(names if n % 2 else reversed(names))) for n in range(8)]
    ends = await all_of(*(desk.record(one) for one in new))
    assert {type(end) for end in ends if isinstance(end, Exception)} == {WalletBusy}
    assert len([end for end in ends if not isinstance(end, Exception)]) == 1
