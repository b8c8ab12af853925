"""Two persons settle what the rail cannot tell: one proposes, another confirms exactly that."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import asyncpg
import pytest

from activities.money_call_settle import Settler
from db.flows.base import FlowSteps
from db.workflow_run import WorkflowRun
from domain.errors import EvidenceMismatch, StaleToken
from domain.ids import new_id
from domain.money_call import MoneyCall, Posting
from domain.principal import Principal
from services.money_call import confirm
from tests.money_call.desk import APPLIED, REFUSED, Desk


async def doubtful(desk: Desk) -> MoneyCall:
    return await desk.in_state("needs_person")


@pytest.mark.parametrize(("outcome", "hold"), [("applied", "posted"), ("refused", "voided")])
async def test_proposed_by_one_and_confirmed_by_another_it_is_settled(desk: Desk, outcome: str, hold: str) -> None:
    call = await desk.propose(await doubtful(desk), outcome)
    assert call.state == "needs_person", "a proposal settles nothing"
    assert await desk.confirm(call, outcome)
    assert ((await desk.read(call)).state, await desk.hold_state(call)) == (outcome, hold)
    assert await desk.cases("needs_person") == []


class Anything:
    """A flow that has nothing of its own to write."""

    async def lock(self, *_: Any) -> dict[str, Any]:
        return {}

    async def settled(self, *_: Any) -> Sequence[Posting]:
        return ()

    def run(self, _row: Any) -> WorkflowRun:
        return WorkflowRun("Anything", "anything/1", "anything/1/again", {})


async def test_who_confirmed_is_found_by_the_request(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk))
    asker = Principal(desk.organization_id, desk.second, new_id(), frozenset({"*"}), "req_of_the_confirmation")
    settler = Settler(desk.database, {call.flow: cast("FlowSteps", Anything())}, deadline_seconds=1)
    assert call.proposal_hash is not None
    await confirm(desk.database, settler, asker, call.id, call.proposal_hash)
    [row] = await desk.owner.fetch(
        "select actor, request_id from audit.entry where action = 'money_call.applied' and organization_id = $1",
        desk.organization_id,
    )
    assert tuple(row) == (asker.actor, asker.request_id)


async def test_the_proposer_cannot_confirm(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk))
    with pytest.raises(EvidenceMismatch):
        await desk.confirm(call, operator=desk.first)


async def test_whatever_is_missing_is_not_confirmed(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk))
    word = replace(APPLIED, rail_id=None)
    for given in (
        {},
        {"operator_id": desk.second},
        {"proposal_hash": call.proposal_hash},
        {"operator_id": desk.second, "proposal_hash": b"another"},
    ):
        with pytest.raises(EvidenceMismatch):
            await desk.settle(call, word, "person", **given)
    assert (await desk.read(call)).state == "needs_person"


async def test_another_outcome_or_rail_id_than_the_one_proposed_is_not_confirmed(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk))
    given = {"operator_id": desk.second, "proposal_hash": call.proposal_hash}
    for word in (REFUSED, APPLIED):
        with pytest.raises(EvidenceMismatch):
            await desk.settle(call, word, "person", **given)


async def test_a_proposal_that_was_replaced_is_not_confirmed(desk: Desk) -> None:
    read = await desk.propose(await doubtful(desk))
    await desk.propose(read, "refused")
    with pytest.raises(EvidenceMismatch):
        await desk.confirm(read)


async def test_an_operator_of_another_organization_neither_proposes_nor_confirms(desk: Desk) -> None:
    stranger = (await desk.another()).first
    call = await doubtful(desk)
    with pytest.raises(StaleToken):
        await desk.propose(call, operator=stranger)
    proposed = await desk.propose(call)
    with pytest.raises(EvidenceMismatch):
        await desk.confirm(proposed, operator=stranger)


async def test_a_disabled_operator_neither_proposes_nor_confirms(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk))
    await desk.owner.execute("update operator set disabled_at = now() where id = $1", desk.second)
    with pytest.raises(EvidenceMismatch):
        await desk.confirm(call)
    with pytest.raises(StaleToken):
        await desk.propose(call, operator=desk.second)


async def test_the_answer_that_comes_before_the_confirmation_prevails(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk), "refused")
    assert await desk.settle(call, APPLIED)
    with pytest.raises(EvidenceMismatch):
        await desk.confirm(call, "refused")
    assert await desk.cases("contradiction") == [], "a person who comes too late contradicts nobody"


async def test_a_proposal_names_an_outcome(desk: Desk) -> None:
    call = await doubtful(desk)
    for word in ("unknown", "", "yes"):
        with pytest.raises(StaleToken):
            await desk.propose(call, word)


async def test_the_table_itself_keeps_the_two_apart(desk: Desk) -> None:
    call = await desk.propose(await doubtful(desk))
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.owner.execute(
            "update money_call set state = 'applied', settled_at = now(), confirmed_by = proposed_by where id = $1",
            call.id,
        )
