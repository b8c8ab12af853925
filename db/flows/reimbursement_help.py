"""A payout that somebody must help with: who, since when, and the mail that tells the payee."""

from collections.abc import Mapping
from typing import Any

from db.flows.base import FlowRow
from db.queries import mail as mails
from db.queries import payee as payees
from db.queries import payout as payouts
from db.queries.report import FLOW
from db.unit_of_work import UnitOfWork
from domain.ids import public_id
from domain.money import Money
from domain.payout_method import METHODS
from domain.payout_method.base import MustAct

UNSTUCK: Mapping[str, Any] = {"code": None, "message": None, "must_act": None, "stuck_at": None}
"""Of a payout that nobody needs to help with any more."""


async def ask_for_help(
    uow: UnitOfWork,
    row: FlowRow,
    action: str,
    *,
    code: str,
    message: str,
    must_act: MustAct,
    reason: str | None = None,
    **values: Any,
) -> None:
    """Write who must act. The payee is mailed the true reason; we see it in the lists; of `nobody`, nobody hears.

    How often a payout mended itself is kept over its attempts: after some an operator must look.
    """
    holding = row["holding"]
    reminders = holding["reminders"] if must_act == "nobody" else 0
    await payouts.change_holding(
        uow,
        holding,
        action,
        code=code[:40],
        message=message,
        must_act=must_act,
        stuck_at=await uow.business_now(),
        reminders=reminders,
        **values,
    )
    if must_act == "payee":
        await mail_payee(uow, row, "payout_failed", str(holding["attempt"]), reason or message)


async def mail_payee(uow: UnitOfWork, row: FlowRow, template: str, cause: str, reason: str) -> None:
    """Have the payee told, by the true reason, that other details are needed; one mail per cause."""
    holding: Mapping[Any, Any] = row["holding"]
    person = payees.person(uow, row["payee"])
    method = await payees.get_method(uow, holding["method_id"])
    await mails.write(
        uow,
        template,
        f"{template.replace('_', '-')}/{holding['id']}/{cause}",
        FLOW,
        row["id"],
        recipient=person.email,
        values={
            "name": person.name,
            "report_name": row["name"],
            "report_id": public_id("rmr", row["id"]),
            "amount": str(Money(holding["amount"], holding["currency"])),
            "destination": METHODS[method["kind"]].destination(method["last_four"]),
            "reason": reason,
        },
    )
