"""Money calls that need a person: one operator proposes what became of one, another confirms."""

import re
from uuid import UUID

from sqlalchemy import RowMapping

from activities.money_call_settle import Settler
from db.engine import Database
from db.queries import money_call as queries
from db.queries import payee as payees
from db.queries import report as reports
from db.unit_of_work import UnitOfWork
from domain.errors import EvidenceMismatch, InvalidInput, NotFound, PermissionDenied, StateConflict
from domain.money_call import MoneyCall, MustAct, Outcome
from domain.principal import Principal

SCOPE = "money_calls:resolve"
BY_HAND = "by_hand"
"""The rail whose calls a person hands over."""
EPX = "epx"
AUTH_GUID = r"[0-9A-Z]{19}"
"""Names one request of the gateway (wire contract, 1.4)."""


async def propose(
    uow: UnitOfWork,
    asker: Principal,
    call_id: UUID,
    outcome: str,
    rail_id: str | None,
    evidence: str,
    *,
    must_act: MustAct = "operator",
) -> RowMapping:
    """Say what became of a call, with what was seen (a statement line, a ticket of the partner). Settles nothing.

    `must_act` is who mends a refusal. What a person handed over is `applied` only under the bank's own reference, which
    no other call has.
    """
    asker.require(SCOPE)
    call = await queries.get(uow, call_id)
    if call is None:
        raise NotFound("money call")
    await _refuse_payee(uow, asker, call)
    if call.state != "needs_person":
        raise StateConflict(
            "not_in_doubt", f"The money call is {call.state}: only one that needs a person is resolved."
        )
    if call.rail == BY_HAND and outcome == "applied" and rail_id is None:
        raise InvalidInput("rail_id", "Give the bank's own reference.")
    if call.rail == EPX and rail_id is not None and re.fullmatch(AUTH_GUID, rail_id) is None:
        raise InvalidInput("rail_id", "Must be the gateway's AUTH_GUID: 19 capital letters and digits.")
    await _require_own(uow, call, rail_id)
    proposal = {"outcome": outcome, "rail_id": rail_id, "evidence": evidence, "must_act": must_act}
    await uow.money_calls.propose(call_id, asker.operator_id, proposal)
    return await queries.row(uow, call_id)


async def confirm(database: Database, settler: Settler, asker: Principal, call_id: UUID, proposal_hash: bytes) -> None:
    """Confirm exactly the proposal that was read, as another operator; the flow is woken. Resolving never sends.

    A repeat by the operator who confirmed it changes nothing, and is no error.
    """
    asker.require(SCOPE)
    async with database.unit_of_work(asker.organization_id, actor=asker.actor, request_id=asker.request_id) as uow:
        call = await queries.get(uow, call_id)
        if call is None:
            raise NotFound("money call")
        await _refuse_payee(uow, asker, call)
        row = await queries.row(uow, call_id)
        if call.state == "needs_person" and row["proposal"] is not None:
            await _require_own(uow, call, row["proposal"]["rail_id"])
    if row["confirmed_by"] == asker.operator_id and row["proposal_hash"] == proposal_hash:
        return  # the answer was lost: whoever confirmed asks again
    if call.state != "needs_person" or row["proposal"] is None:
        raise StateConflict("nothing_proposed", f"The money call is {call.state}: there is no proposal to confirm.")
    if row["proposed_by"] == asker.operator_id:
        raise PermissionDenied("Another operator must confirm what you proposed.", code="same_operator")
    if row["proposal_hash"] != proposal_hash:
        raise EvidenceMismatch("The proposal was changed since you read it: read it again.")
    proposal = row["proposal"]
    outcome = Outcome(
        proposal["outcome"],
        "resolved",
        proposal["evidence"][:200],
        rail_id=proposal["rail_id"],
        must_act=proposal.get("must_act", "operator"),
        evidence={"proposal": proposal},
    )
    await settler.settle(
        call,
        outcome,
        by="person",
        actor=asker.actor,
        request_id=asker.request_id,
        operator_id=asker.operator_id,
        proposal_hash=proposal_hash,
    )


async def _require_own(uow: UnitOfWork, call: MoneyCall, rail_id: str | None) -> None:
    """Refuse an id that another call has: returns, voids and refunds would be taken for that other payment's."""
    if rail_id is None or call.rail not in (EPX, BY_HAND):
        return
    other = await queries.by_rail(uow, call.rail, rail_id, "")
    if other is None or other["id"] == call.id:
        return
    if call.rail == BY_HAND:
        raise StateConflict("bank_reference_used", "Another payment has this reference of the bank already.")
    raise StateConflict("rail_id_used", "Another request has this id of the partner already.", field="rail_id")


async def refuse_payee(uow: UnitOfWork, asker: Principal, payee: RowMapping) -> None:
    """Whoever is paid has no say in what became of the payment, by whichever way they ask."""
    if await payees.is_operator(uow, payee, asker.operator_id):
        raise PermissionDenied("Nobody has a say in a payment to themselves.", code="own_payout")


async def _refuse_payee(uow: UnitOfWork, asker: Principal, call: MoneyCall) -> None:
    if call.flow == reports.FLOW:
        report = await reports.get(uow, call.flow_id)
        await refuse_payee(uow, asker, await payees.get(uow, report["payee_id"]))
