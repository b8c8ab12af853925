"""Many payouts, random faults and random commands: at every moment nobody is paid more than approved, and at the end
our books, the bank's and the states of all payouts tell the same story."""

import asyncio
import random
from typing import Any

import asyncpg
from sqlalchemy import text

from db.ledger.check import check_books
from tests.flows.reimbursements.people import People
from tests.flows.reimbursements.test_doubt import fault

FAULTS = ("cut_before", "cut_after", "http_500_before", "http_500_after", "malformed", "wrong_amount", "webhook_first")
OPERATIONS = ("book_transfers.create", "ach_transfers.create")
AT_REST = {"sent", "settled", "returned", "action_required", "reversed", "cancelled"}
REPORTS, MOVES = 8, 30


async def test_random_faults_and_commands_never_pay_anybody_twice(people: People) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the test fails
    chance = random.Random(seed)
    method = await people.add_method("55556666")
    reports = [
        await people.reviewed(*(chance.randrange(100, 4_000) for _ in range(chance.randint(1, 3))))
        for _ in range(REPORTS)
    ]
    await asyncio.gather(*(people.ask(report_id, "approve") for report_id in reports))
    for _ in range(MOVES):
        await move(people, chance, chance.choice(reports), method["id"])
        if chance.random() < 0.2:
            await prove_at_any_moment(people)
    await people.system.control.delete("/faults")
    await people.system.control.post("/column/webhooks/release", json={})
    await people.system.eventually(lambda: everything_is_heard(people), seconds=60)
    for report_id in reports:
        await people.system.until(f"/v1/reports/{report_id}", at_rest, seconds=60)
    await prove_at_any_moment(people)
    await every_attempt_is_one_transfer(people, reports)


async def move(people: People, chance: random.Random, report_id: str, method_id: str) -> None:
    """One random thing that the world, the payee or an operator does."""
    what = chance.choice(("fault", "fault", "settle", "return", "retry", "method", "cancel", "reverse", "redeliver"))
    if what == "fault":
        await fault(people, chance.choice(OPERATIONS), chance.choice(FAULTS), skip=chance.randrange(2))
    elif what in ("settle", "return"):
        transfers = [t for t in await people.transfers("ach") if t["status"] in ("INITIATED", "SUBMITTED", "SETTLED")]
        if transfers:
            body = {"code": chance.choice(("R02", "R03", "R16"))} if what == "return" else None
            path = f"/column/ach/{chance.choice(transfers)['id']}/{what}"
            await people.system.control.post(path, json=body)
    elif what == "redeliver":
        events = (await people.system.control.get("/column/events")).json()["data"]
        if events:
            await people.system.control.post(
                f"/column/events/{chance.choice(events)['id']}/deliver", json={"copies": 2}
            )
    elif what == "method":
        await people.ask(report_id, "payout-method", {"payout_method_id": method_id})
    else:
        await people.ask(report_id, what)
    await asyncio.sleep(chance.random() * 0.2)


def at_rest(report: dict[str, Any]) -> bool:
    """Whether nothing moves by itself any more."""
    calls = report["detail"]["money_calls"]
    still = all(call["state"] in ("applied", "refused") for call in calls)
    return still and (report["payout"] is None or report["payout"]["state"] in AT_REST)


async def prove_at_any_moment(people: People) -> None:
    """Every proof that needs no partner at rest."""
    url = people.system.settings.database.owner_url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        report = await check_books(connection)
    finally:
        await connection.close()
    assert [str(difference) for difference in report.differences] == []


async def everything_is_heard(people: People) -> bool:
    """Whether the inbox is done with all that the bank has told."""
    told = len((await people.system.control.get("/column/events")).json()["data"])
    async with people.system.house.database.across_organizations(actor="test") as uow:
        heard = await uow.one_or_none(
            text("select count(*) as events from inbox_event where state in ('processed', 'ignored')")
        )
    return heard is not None and heard["events"] == told


async def every_attempt_is_one_transfer(people: People, reports: list[str]) -> None:
    """Every debit of the bank belongs to exactly one attempt, and every applied attempt has its debit."""
    attempts = []
    for report_id in reports:
        report = await people.system.get(f"/v1/reports/{report_id}")
        if report["payout"] is not None:
            attempts += [a["rail_id"] for a in report["payout"]["attempts"] if a["state"] in ("applied", "returned")]
    assert sorted(attempts) == sorted(t["id"] for t in await people.transfers("ach"))
