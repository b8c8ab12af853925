"""Return rates counted from rows, the alerts of the watch, and the checklist."""

from sqlalchemy import select

from activities.return_watch import ReturnWatch
from db.queries.compliance import checklist
from db.queries.return_rate import rates
from db.tables.event import outgoing_event
from domain.return_rate import RateName, Standing
from tests.returns.desk import Desk


async def seen(desk: Desk, minimum: int = 1) -> dict[RateName, tuple[int, int, Standing]]:
    async with desk.uow() as uow:
        [(_, found)] = await rates(uow, minimum_sample=minimum)
    return {rate.name: (rate.returned, rate.originated, rate.standing) for rate in found}


async def test_rates_count_debit_entries_of_sixty_days_and_nothing_else(desk: Desk) -> None:
    account_id = await desk.account()
    for _ in range(4):
        await desk.entry(account_id, 100)
    await desk.returned(await desk.entry(amount=100), "R10")
    await desk.returned(await desk.entry(amount=100), "R03")
    await desk.returned(await desk.entry(amount=100), "R09")
    funded = await desk.entry(amount=10_000)
    await desk.moved(funded, "settled")
    await desk.process()
    await desk.returned(await desk.entry(amount=100, direction="credit"), "R02")
    declined = await desk.entry(amount=100, applied=False)
    await desk.set_entry(declined.id, ach_state="declined")
    assert await seen(desk) == {
        RateName.UNAUTHORIZED: (1, 8, Standing.ABOVE),
        RateName.ADMINISTRATIVE: (1, 8, Standing.ABOVE),
        RateName.OVERALL: (3, 8, Standing.ABOVE),
    }
    assert {standing for *_, standing in (await seen(desk, 9)).values()} == {Standing.TOO_FEW}

    await desk.later(days=61)
    late = await desk.entry(amount=100)
    assert (await seen(desk))[RateName.OVERALL] == (0, 1, Standing.BELOW)
    await desk.returned(late, "R01")
    assert (await seen(desk))[RateName.OVERALL] == (1, 1, Standing.ABOVE)


async def test_the_watch_alerts_once_until_the_case_is_closed(desk: Desk) -> None:
    await desk.returned(await desk.entry(amount=100), "R10")
    watch = ReturnWatch(desk.database, minimum_sample=1)
    await watch.watch()
    assert (await watch.watch()).alerts == 0
    assert [kind for kind in await desk.cases() if kind.startswith("return_rate")] == [
        "return_rate_overall",
        "return_rate_unauthorized",
    ]
    async with desk.uow() as uow:
        told = await uow.all(select(outgoing_event).where(outgoing_event.c.type == "merchant.return_rate_alert"))
    assert {row["payload"]["rate"] for row in told} == {"unauthorized", "overall"}


async def test_the_watch_is_silent_below_the_minimum_sample(desk: Desk) -> None:
    await desk.returned(await desk.entry(amount=100), "R10")
    assert (await ReturnWatch(desk.database, minimum_sample=100).watch()).alerts == 0


async def test_the_checklist_answers_each_item_with_the_ids_that_offend(desk: Desk) -> None:
    entry = await desk.entry(amount=100)
    await desk.returned(entry, "R10")
    after = await desk.entry(amount=100)
    await desk.set_entry(after.id, account_id=entry.account_id, processed_at=await desk.later(hours=1))
    await desk.hear(desk.notice(after, "R02", AUTH_GUID="", TRAN_NBR="77"))
    await desk.process()
    await desk.later(days=7)
    async with desk.uow() as uow:
        found = {item.requirement.item: item for item in await checklist(uow, merchant_id=None, minimum_sample=1)}
    assert len(found) == 22
    assert found["authorization_on_record"].status == "not_recorded", "honest: nothing is on record"
    assert found["authorization_kept"].status == "nothing_to_check"
    assert found["records_complete"].status == "met"
    assert found["records_kept"].status == "met"
    assert found["dispute_refunded"].status == "met"
    assert found["prenote_accepted"].status == "findings", "these accounts were stored without a prenote"
    assert found["no_debit_after_disabling"].ids == (f"achtx_{after.id.hex}",)
    assert found["returns_handled"].offending == 1
    assert found["return_rates_below_levels"].ids == (f"mer_{desk.merchant_id.hex}",)
    assert found["changes_applied"].status == "nothing_to_check"
