"""What can be seen of any flow: its money calls' ledger lines, its timeline and its cases."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from db.tables.case_file import case_file
from db.tables.event import outgoing_event
from db.tables.money_call import wallet_waiter
from db.unit_of_work import UnitOfWork


async def ledger_lines(uow: UnitOfWork, flow: str, flow_id: UUID, call_ids: Sequence[UUID]) -> list[RowMapping]:
    """Every line that the flow's money calls and further postings made, oldest first.

    Postings are found by their keys: `money_call/<id>/…` and `<flow>/<flow id>/…`.
    """
    prefixes = [f"money_call/{call_id}/" for call_id in call_ids] + [f"{flow}/{flow_id}/"]
    return await uow.all(
        text(
            "select l.code as account, l.layer, l.amount, l.currency, l.side, l.releases, t.kind, t.description,"
            "       t.effective_date, t.recorded_at, t.id as transaction_id"
            " from unnest(cast(:prefixes as text[])) as p(prefix)"
            # each prefix, then each transaction, by its index: `offset 0` keeps the planner from joining whole tables
            " cross join lateral (select * from ledger.transaction where organization_id = :organization"
            '      and key >= p.prefix collate "C" and key < (p.prefix || \'~\') collate "C" offset 0) as t'
            " cross join lateral (select * from ledger.line where transaction_id = t.id offset 0) as l"
            " order by t.recorded_at, t.id, l.n, l.side desc"
        ).bindparams(prefixes=prefixes, organization=uow.organization_id)
    )


async def timeline(uow: UnitOfWork, flow: str, flow_id: UUID) -> list[RowMapping]:
    """What happened to the flow, oldest first."""
    return await uow.all(
        select(outgoing_event.c.type, outgoing_event.c.payload, outgoing_event.c.created_at)
        .where(
            outgoing_event.c.organization_id == uow.organization_id,
            outgoing_event.c.subject_kind == flow,
            outgoing_event.c.subject_id == str(flow_id),
        )
        .order_by(outgoing_event.c.created_at, outgoing_event.c.id)
    )


async def waits_for_wallet(uow: UnitOfWork, flow: str, flow_id: UUID) -> bool:
    """Whether the flow's next step waits until another open request lets go of a wallet."""
    waits = select(wallet_waiter.c.flow_id).where(wallet_waiter.c.flow == flow, wallet_waiter.c.flow_id == flow_id)
    return await uow.one_or_none(waits.limit(1)) is not None


async def cases(uow: UnitOfWork, flow: str, flow_id: UUID) -> list[RowMapping]:
    """The flow's cases, open ones first."""
    return await uow.all(
        select(case_file)
        .where(case_file.c.subject_kind == flow, case_file.c.subject_id == str(flow_id))
        .order_by(case_file.c.state.desc(), case_file.c.opened_at)
    )
