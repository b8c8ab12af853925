"""Mail about payments that stopped, to whom can mend it: once a day for each payment and reason."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from db.flows.base import FlowRow
from db.flows.childcare_mail import beside, dollars, send, write_to
from db.queries import attendance, family, pay_run, program, provider_payment
from db.unit_of_work import UnitOfWork
from domain.childcare_limits import CURRENCY
from domain.ids import public_id

ATTENDANCE = "attendance_overdue"


async def tell_stopped(uow: UnitOfWork, row: FlowRow, code: str, message: str, must_act: str, staff: str) -> None:
    """A payment stopped: tell the provider, who must enter attendance, or `staff` (an address, or nothing).

    Where a family or provider must act and could not be mailed, it is an operator's case: somebody must tell them.
    """
    reached = False

    async def write() -> None:
        nonlocal reached
        values = await _values(uow, row, public_id("ppay", row["id"])) | {"method": row["method"]}
        if must_act == "payee":
            reached = await _tell_people(uow, provider_payment.FLOW, row, code, values)
        elif staff:
            key = f"childcare_stopped_staff/{await _fact(uow, row, code)}"
            values |= {"code": code, "message": message, "must_act": must_act}
            await send(
                uow,
                "childcare_stopped_staff",
                key,
                provider_payment.FLOW,
                row["id"],
                recipient=staff,
                values=values,
            )

    written = await beside(uow, row, write)
    if must_act == "payee" and not (written and reached):
        summary = f"It stopped until a family or provider acts, and not all of them could be mailed: {message}"
        await uow.open_case("stopped", provider_payment.FLOW, row["id"], summary, {"code": code, "message": message})


async def tell_refused(uow: UnitOfWork, run: FlowRow, pair: Mapping[Any, Any], code: str) -> None:
    """A pay run could not begin a pair: tell the family or the provider whose it is to mend. Staff watches its run."""
    row = {**pair, "pair_id": pair["id"], "id": run["id"], "program_id": run["program_id"]}

    async def write() -> None:
        values = await _values(uow, row, public_id("prun", run["id"])) | {"method": None}
        await _tell_people(uow, pay_run.FLOW, row, code, values)

    await beside(uow, row, write, pay_run.FLOW)


async def _tell_people(uow: UnitOfWork, flow: str, row: FlowRow, code: str, values: Mapping[str, Any]) -> bool:
    """Tell whose it is to mend, family or provider; whether there was somebody, and each of them has an address."""
    fact = await _fact(uow, row, code)
    if code in provider_payment.OF_METHOD:
        return await write_to(uow, row, "stopped", "provider", row["provider_id"], fact, values, flow)
    if code != ATTENDANCE:
        return False
    owner = await program.get(uow, row["program_id"])
    overdue = await attendance.overdue(uow, row["child_id"], row["provider_id"], owner["time_zone"])
    found = []
    for side in ("family", "provider"):
        weeks = ", ".join(one.week.isoformat() for one in overdue if one.side == side)
        if weeks:
            of_side = {**values, "weeks": weeks}
            person_id = row[f"{side}_id"]
            found.append(await write_to(uow, row, "attendance", side, person_id, f"{fact}/{side}", of_side, flow))
    return bool(found) and all(found)


async def _fact(uow: UnitOfWork, row: FlowRow, code: str) -> str:
    owner = await program.get(uow, row["program_id"])
    today = (await uow.business_now()).astimezone(ZoneInfo(owner["time_zone"])).date()
    return f"{row.get('pair_id', row['id'])}/{code}/{today}"


async def _values(uow: UnitOfWork, row: FlowRow, shown: str) -> dict[str, Any]:
    child = await family.get_child(uow, row["child_id"])
    return {
        "payment_id": shown,
        "amount": dollars(row["amount_cents"], CURRENCY),
        "child": child["name"],
        "provider": await provider_payment.provider_name(uow, row["provider_id"]),
    }
