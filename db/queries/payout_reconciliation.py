"""Our side of a partner's list: which calls the listed transfers are, and which transfers the list must show.

Both cross organizations: whose a transfer is shows only when it is found.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text

from db.unit_of_work import UnitOfWork

_CALL = """
    select m.id, m.organization_id, m.flow, m.flow_id, m.state, m.amount, m.currency, m.rail_id, m.operation, a.stage
    from money_call m
    left join payout_holding h on h.report_id = m.flow_id and m.flow = 'reimbursement' and m.step = 'payout'
    left join payout_attempt a on a.holding_id = h.id and a.ordinal = m.ordinal
"""
_KNOWN = text(
    _CALL
    + """
    where m.id = (
        select k.id from money_call k where k.rail = :rail and k.rail_id = :subject
        union all
        select k.id from money_call_send s join money_call k on k.id = s.money_call_id
        where k.rail = :rail and s.rail_reference = :reference
        limit 1)
    """
)
_EXPECTED = text(
    _CALL
    + """
    where m.rail = :rail and m.operation = :operation and m.state = 'applied' and m.rail_id is not null
        and m.returned_at is null
        and case when a.id is null
            then m.first_sent_at >= :since else coalesce(a.paid_at >= :since, true) end
    order by m.id
    """
)


async def known(uow: UnitOfWork, rail: str, subject: str, reference: str | None) -> RowMapping | None:
    """The call that made a transfer, by the rail's id or else by the reference of any of its sends."""
    values = {"rail": rail, "subject": subject, "reference": reference}
    return (await uow.connection.execute(_KNOWN, values)).mappings().one_or_none()


async def first_sent(uow: UnitOfWork, rail: str) -> datetime | None:
    """When the first of our calls went to a rail; None when none ever did."""
    statement = text("select min(first_sent_at) from money_call where rail = :rail")
    found: datetime | None = (await uow.connection.execute(statement, {"rail": rail})).scalar_one()
    return found


async def expected(uow: UnitOfWork, rail: str, operation: str, since: datetime) -> Sequence[RowMapping]:
    """The applied calls of which something may still be told: payouts not paid, or paid since; others sent since."""
    values = {"rail": rail, "operation": operation, "since": since}
    return list((await uow.connection.execute(_EXPECTED, values)).mappings())
