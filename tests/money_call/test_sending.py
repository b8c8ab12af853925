"""Who may send, and when again: fencing tokens, deadlines, and sends that never left."""

from typing import get_args

import pytest

from domain.errors import ContradictionOpen, StaleToken
from domain.money_call import Strategy
from tests.money_call.desk import APPLIED, LONG, REFUSED, SHORT, UNKNOWN, Desk, all_of


async def test_of_many_senders_at_once_one_is_let_through(desk: Desk) -> None:
    call = await desk.record()
    taken = [taken for taken in await all_of(*(desk.begin(call) for _ in range(8))) if taken is not None]
    assert [(one.state, one.fencing_token, one.send_count) for one in taken] == [("sending", 1, 1)]


@pytest.mark.parametrize("strategy", get_args(Strategy))
async def test_a_call_in_doubt_is_sent_again_only_where_the_rail_makes_that_safe(
    desk: Desk, strategy: Strategy
) -> None:
    safe = strategy in ("repeatable_key", "harmless")
    for state in ("sending", "unknown"):
        call = await desk.in_state(state, strategy)
        assert (await desk.begin(call) is not None) == safe
    late = await desk.record(strategy=strategy, flow_id=desk.first)
    sending = await desk.taken(late, window=LONG)
    assert await desk.begin(sending) is None, "the sender may still write"


async def test_a_sender_with_an_old_token_changes_nothing(desk: Desk) -> None:
    first = await desk.taken(await desk.record(strategy="repeatable_key"), window=SHORT)
    second = await desk.taken(first)
    assert second.fencing_token == 2
    await desk.not_sent(first)
    await desk.in_doubt(first, "needs_person")
    assert not await desk.settle(first, REFUSED), "a refusal of the first send says nothing of the second"
    now = await desk.read(second)
    assert (now.state, now.fencing_token) == ("sending", 2)
    assert [seen["outcome"] for seen in now.evidence] == ["needs_person", "refused"], "it is evidence all the same"


async def test_an_old_senders_success_is_the_calls_success(desk: Desk) -> None:
    first = await desk.taken(await desk.record(strategy="repeatable_key"), window=SHORT)
    second = await desk.taken(first)
    assert await desk.settle(first, APPLIED)
    assert not await desk.settle(second, APPLIED), "the same transfer, told twice"
    assert await desk.cases("contradiction") == []


async def test_what_was_not_there_before_the_last_send_is_not_refused_by_it(desk: Desk) -> None:
    asked = await desk.taken(await desk.record(strategy="repeatable_key"), window=SHORT)
    await desk.taken(asked, window=SHORT)
    with pytest.raises(StaleToken):
        await desk.settle(asked, REFUSED, "find")


async def test_absence_proves_nothing_while_the_sender_may_still_write(desk: Desk) -> None:
    sending = await desk.taken(await desk.record(), window=LONG)
    with pytest.raises(StaleToken):
        await desk.settle(sending, REFUSED, "find")
    assert await desk.settle(sending, APPLIED, "find"), "presence proves"


async def test_a_send_that_never_left_leaves_the_call_as_it_was(desk: Desk) -> None:
    call = await desk.record(strategy="repeatable_key")
    back = await desk.not_sent(await desk.taken(call))
    assert (back.state, back.send_count, back.first_sent_at, back.send_deadline) == ("recorded", 0, None, None)
    sent = await desk.taken(back, window=SHORT)
    again = await desk.not_sent(await desk.taken(sent))
    assert (again.state, again.send_count) == ("unknown", 1), "the send between the two may have arrived"
    assert again.first_sent_at == sent.first_sent_at
    assert await desk.begin(again) is not None


async def test_a_lost_commit_does_not_unsend_what_another_took_under_the_same_token(desk: Desk) -> None:
    call = await desk.record()
    rolled_back = await desk.taken(await desk.record(flow_id=desk.first))
    other = await desk.taken(call)
    assert rolled_back.fencing_token == other.fencing_token
    await desk.owner.execute("select money_call_not_sent($1, 1, $2)", call.id, rolled_back.send_deadline)
    assert (await desk.read(call)).state == "sending"


async def test_that_nothing_was_sent_reaches_the_person_who_must_find_out(desk: Desk) -> None:
    taken = await desk.taken(await desk.record(), window=SHORT)
    await desk.in_doubt(taken, "needs_person", by="find")
    proposed = await desk.propose(taken)
    told = await desk.not_sent(taken)
    assert told.state == "needs_person"
    assert told.evidence[-1]["not_sent"] == 1
    assert (proposed.proposal_hash is None, told.proposal_hash) == (False, None), "the proposal knew nothing of it"


async def test_an_answer_that_proves_nothing_is_kept_whenever_it_comes(desk: Desk) -> None:
    taken = await desk.taken(await desk.record(), window=SHORT)
    await desk.in_doubt(taken, "needs_person", by="find")
    await desk.propose(taken)
    late = await desk.in_doubt(taken, by="answer", evidence={"AUTH_RESP": UNKNOWN.code})
    again = await desk.in_doubt(taken, by="answer", evidence={"AUTH_RESP": UNKNOWN.code})
    assert late.evidence[-1]["evidence"] == {"AUTH_RESP": "96"}
    assert (late.state, late.proposal_hash, len(again.evidence)) == ("needs_person", None, len(late.evidence))
    assert (await desk.in_doubt(taken, by="find", evidence={"a": 1})).evidence == again.evidence


async def test_nothing_of_a_flow_is_sent_while_a_contradiction_is_open(desk: Desk) -> None:
    first = await desk.taken(await desk.record(desk.new("first")), window=SHORT)
    second = await desk.record(desk.new("second"))
    await desk.settle(first, REFUSED)
    await desk.settle(first, APPLIED)
    for attempt in (desk.begin(second), desk.record(desk.new("third")), desk.record(desk.new("first", 2))):
        with pytest.raises(ContradictionOpen):
            await attempt
    await desk.owner.execute("update case_file set state = 'closed' where kind = 'contradiction'")
    assert await desk.begin(second) is not None
