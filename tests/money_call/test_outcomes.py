"""Outcomes are final: what says the same changes nothing, what contradicts becomes a case."""

from dataclasses import replace

import pytest

from domain.money_call import Outcome
from tests.money_call.desk import APPLIED, REFUSED, SHORT, Desk, all_of

RETURNED_BY_ANOTHER_ID = replace(APPLIED, rail_id="09LMQ222")


@pytest.mark.parametrize("by", ["answer", "find", "event"])
@pytest.mark.parametrize(("first", "then"), [(APPLIED, REFUSED), (REFUSED, APPLIED), (APPLIED, RETURNED_BY_ANOTHER_ID)])
async def test_a_later_word_that_contradicts_is_evidence_and_a_case(
    desk: Desk, first: Outcome, then: Outcome, by: str
) -> None:
    call = await desk.taken(await desk.record(), window=SHORT)
    assert await desk.settle(call, first)
    hold = await desk.hold_state(call)
    assert not await desk.settle(call, then, by)
    now = await desk.read(call)
    assert (now.state, now.code, now.rail_id) == (first.state, first.code, first.rail_id)
    assert await desk.hold_state(call) == hold
    assert now.evidence[-1]["outcome"] == then.state
    (case,) = await desk.cases("contradiction")
    assert (case["subject_kind"], case["subject_id"]) == ("test-flow", str(desk.flow_id))


@pytest.mark.parametrize("outcome", [APPLIED, REFUSED])
async def test_the_same_word_again_changes_nothing(desk: Desk, outcome: Outcome) -> None:
    call = await desk.taken(await desk.record(), window=SHORT)
    settled = await all_of(*(desk.settle(call, outcome) for _ in range(5)))
    assert sorted(settled) == [False, False, False, False, True]
    assert await desk.cases("contradiction") == []


async def test_the_rails_id_that_comes_after_the_outcome_is_kept(desk: Desk) -> None:
    call = await desk.taken(await desk.record(), window=SHORT)
    await desk.settle(call, replace(APPLIED, rail_id=None), "find")
    assert not await desk.settle(call, APPLIED)
    now = await desk.read(call)
    assert (now.rail_id, now.evidence[-1]["rail_id"]) == (None, APPLIED.rail_id)
    assert await desk.cases("contradiction") == []


async def test_of_several_harmless_sends_none_contradicts_another(desk: Desk) -> None:
    first = await desk.taken(await desk.record(strategy="harmless"), window=SHORT)
    second = await desk.taken(first)
    assert not await desk.settle(first, APPLIED), "an answer to an earlier one is not the answer to this one"
    assert await desk.settle(second, REFUSED)
    assert not await desk.settle(first, APPLIED)
    assert (await desk.read(first)).state == "refused"
    assert await desk.cases("contradiction") == []


async def test_the_response_that_was_read_in_doubt_outlives_finding_out(desk: Desk) -> None:
    call = await desk.taken(await desk.record(), window=SHORT)
    async with desk.database.unit_of_work(desk.organization_id, actor="test") as uow:
        await uow.money_calls.in_doubt(call, "unknown", "other_amount", "Another amount.", by="answer", response=b"<R>")
    await desk.settle(call, APPLIED, "find")
    assert await desk.owner.fetchval("select response is not null from money_call where id = $1", call.id)


async def test_a_case_that_speaks_of_two_calls_is_open_until_both_are_settled(desk: Desk) -> None:
    calls = [await desk.taken(await desk.record(desk.new(step)), window=SHORT) for step in ("one", "two")]
    for call in calls:
        await desk.in_doubt(call, "needs_person", by="find")
    assert len(await desk.cases("needs_person")) == 1
    await desk.settle(calls[0], APPLIED)
    assert len(await desk.cases("needs_person")) == 1
    await desk.settle(calls[1], APPLIED)
    assert await desk.cases("needs_person") == []


async def test_every_change_is_audited_and_told(desk: Desk) -> None:
    call = await desk.taken(await desk.record(), window=SHORT)
    await desk.in_doubt(call, "needs_person", by="find")
    await desk.confirm(await desk.propose(call))
    told = ["recorded", "sending", "needs_person", "resolution_proposed", "applied"]
    audited = await desk.owner.fetch(
        "select action from audit.entry where subject_kind = 'money_call' and subject_id = $1 order by id", str(call.id)
    )
    assert [row["action"] for row in audited] == [f"money_call.{action}" for action in told]
    events = await desk.owner.fetch(
        "select type from outgoing_event where payload ->> 'money_call_id' = $1 order by id", str(call.id)
    )
    assert [row["type"] for row in events] == [f"money_call.{action}" for action in told]
