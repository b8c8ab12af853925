"""Payouts that somebody must help with and that are due to be looked at, and tasks of persons that are overdue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from db.tables.money_call import money_call
from db.tables.payout import payout_attempt, payout_holding
from db.unit_of_work import UnitOfWork
from domain.money_call import OPEN_STATES

FLOW, STEP = "reimbursement", "payout"
IN_DOUBT = "payout_in_doubt"
"""The case of a step of which nobody knows for too long whether it was done."""
WIRE_OVERDUE = "wire_overdue"
"""The case of a wire that its owner should have sent by now."""


async def due_for(
    uow: UnitOfWork, must_act: str, after_seconds: Sequence[float], now: datetime, *, limit: int = 200
) -> list[RowMapping]:
    """Whose n-th look is due: `after_seconds[n]` since they are stuck. Needs a unit of work across organizations."""
    found = await uow.connection.execute(
        text(
            "select organization_id, report_id, stuck_at, reminders from payout_holding"
            " where stuck_at is not null and must_act = :must_act"
            " and state in ('returned', 'action_required', 'reversing')"
            " and reminders < cardinality(cast(:after as float8[]))"
            " and stuck_at + make_interval(secs => (cast(:after as float8[]))[reminders + 1]) <= :now"
            " order by stuck_at limit :limit"
        ),
        {"must_act": must_act, "after": list(after_seconds), "now": now, "limit": limit},
    )
    return list(found.mappings())


async def overdue(uow: UnitOfWork, now: datetime, *, limit: int = 200) -> list[RowMapping]:
    """Attempts whose person has not said what became of them. Needs a unit of work across organizations."""
    return await uow.all(
        select(payout_attempt.c.organization_id, payout_holding.c.report_id)
        .join(payout_holding, payout_holding.c.id == payout_attempt.c.holding_id)
        .join(
            money_call,
            (money_call.c.flow == FLOW)
            & (money_call.c.flow_id == payout_holding.c.report_id)
            & (money_call.c.step == STEP)
            & (money_call.c.ordinal == payout_attempt.c.ordinal),
        )
        .where(
            payout_attempt.c.due_at <= now,
            payout_attempt.c.overdue_at.is_(None),
            money_call.c.state.in_(OPEN_STATES),
        )
        .order_by(payout_attempt.c.due_at)
        .limit(limit)
    )


async def silent(
    uow: UnitOfWork, after_days: Mapping[str, int], now: datetime, *, limit: int = 200
) -> list[RowMapping]:
    """Payouts handed over longer ago than `after_days` of their method, and of which the rail has said nothing final.

    Needs a unit of work across organizations.
    """
    found = await uow.connection.execute(
        text(
            "select h.organization_id, h.report_id from payout_holding h"
            " join payout_attempt a on a.holding_id = h.id and a.ordinal = h.attempt"
            " join unnest(cast(:kinds as text[]), cast(:days as int[])) as rule (kind, days) on rule.kind = a.kind"
            " where h.state = 'sent' and a.late_at is null"
            " and h.sent_at + make_interval(days => rule.days) <= :now"
            " order by h.sent_at limit :limit"
        ),
        {"kinds": list(after_days), "days": list(after_days.values()), "now": now, "limit": limit},
    )
    return list(found.mappings())


async def in_doubt(uow: UnitOfWork, after_hours: int, now: datetime, *, limit: int = 200) -> list[RowMapping]:
    """Steps that were asked for longer ago than `after_hours`, and of which nobody knows whether they were done.

    Once per step: not those of which a case tells, or told. What never left here is counted by the machine's clock.
    Needs a unit of work across organizations.
    """
    found = await uow.connection.execute(
        text(
            "select m.organization_id, m.flow_id as report_id, m.id as money_call_id from money_call m"
            " where m.flow = :flow and m.state in ('recorded', 'sending', 'unknown')"
            " and (m.first_sent_at <= cast(:now as timestamptz) - make_interval(hours => :hours)"
            " or (m.first_sent_at is null and m.recorded_at <= clock_timestamp() - make_interval(hours => :hours)))"
            " and not exists (select from case_file c where c.organization_id = m.organization_id and c.kind = :kind"
            " and c.subject_kind = m.flow and c.subject_id = m.flow_id::text"
            " and c.evidence @> jsonb_build_array(jsonb_build_object('money_call_id', m.id)))"
            " order by m.recorded_at limit :limit"
        ),
        {"flow": FLOW, "kind": IN_DOUBT, "hours": after_hours, "now": now, "limit": limit},
    )
    return list(found.mappings())


async def quiet(uow: UnitOfWork, after_seconds: float, *, limit: int = 200) -> list[RowMapping]:
    """Reports with something to be done next by their run, no open money call, and no news for `after_seconds`.

    Seconds of the machine: a run does not wait for the business clock. Needs a unit of work across organizations.
    """
    found = await uow.connection.execute(
        text(
            "select r.organization_id, r.id as report_id from report r"
            " left join payout_holding h on h.report_id = r.id"
            " where r.code is null and (r.state = 'reimbursement_approved'"
            " or r.state = 'reimbursing' and h.state in ('funding', 'sending', 'reversing') and h.must_act is null)"
            " and not exists (select from money_call m where m.flow = :flow and m.flow_id = r.id"
            " and m.state in ('recorded', 'sending', 'unknown', 'needs_person'))"
            " and not exists (select from outgoing_event e where e.organization_id = r.organization_id"
            " and e.subject_kind = :flow and e.subject_id = r.id::text"
            " and e.created_at > clock_timestamp() - make_interval(secs => :after))"
            " order by r.id limit :limit"
        ),
        {"flow": FLOW, "after": after_seconds, "limit": limit},
    )
    return list(found.mappings())


async def call_is_open(uow: UnitOfWork, report_id: UUID, ordinal: int) -> bool:
    """Whether what became of an attempt is not known."""
    found = await uow.one_or_none(
        select(money_call.c.id).where(
            money_call.c.flow == FLOW,
            money_call.c.flow_id == report_id,
            money_call.c.step == STEP,
            money_call.c.ordinal == ordinal,
            money_call.c.state.in_(OPEN_STATES),
        )
    )
    return found is not None
