"""Stories of pay runs: everybody once, whoever fails (S12, S12b, S12c)."""

from typing import Any

from activities.pay_run import Pair, choose, people_of
from domain.ids import new_id
from tests.flows.childcare.books import payments, prove
from tests.flows.childcare.pay_run import PAYOUT, ended, pairs_of, play, populate, start
from tests.flows.childcare.town import Town


async def ask(town: Town, run: dict[str, Any], verb: str) -> dict[str, Any]:
    """A command to a run that must be accepted."""
    asked: dict[str, Any] = await town.system.post(f"/v1/pay-runs/{run['id']}/{verb}", {"reason": "as the story goes"})
    return asked


async def test_forty_pairs_are_paid_once_while_some_calls_go_wrong_and_a_retry_pays_the_rest(town: Town) -> None:
    done = await play(town, 40)
    standing = pairs_of(done)
    assert standing["paid"] >= 36
    assert done["percent"] == 100

    if "stopped" in standing:
        await ask(town, done, "retry")
        done = await ended(town, done, "finished")
        assert "stopped" not in pairs_of(done)
    again = await start(town, wait=15)
    assert (again["state"], again["total"]["pairs"]) == ("finished", 0)
    assert len({line["memo"] for line in await payments(town)}) == pairs_of(done)["paid"]
    await prove(town)


async def test_one_bad_provider_delays_nobody_and_is_named(town: Town) -> None:
    await populate(town, 4)
    bad = await town.provider("ach", active=False)
    child = await town.child(await town.family())
    allocation = await town.allocation(child, 20_000)
    await town.rate(bad, child)
    await town.care_days(allocation, bad, 1, 2)
    unpaid = await town.provider("ach")
    await town.rate(unpaid, child)
    await town.care_days(allocation, unpaid, 3)
    preview = await town.system.get(
        f"/v1/programs/{town.program_id}/due-pairs?first_day={town.day(1)}&last_day={town.day(7)}"
    )
    assert (preview["pairs"], preview["amount"]) == (6, 35_000)
    assert await payments(town) == [], "a preview moves nothing"

    run = await ended(town, await start(town, width=1), "finished")

    assert pairs_of(run) == {"paid": 5, "stopped": 1}
    (failed,) = (await town.system.get(f"/v1/pay-runs/{run['id']}/pairs?standing=stopped"))["data"]
    assert (failed["provider_id"], failed["code"], failed["who_must_act"]) == (bad.id, "method_missing", "payee")
    assert failed["amount"] == 10_000
    await town.bank_account(bad.chek_user, "Active")
    await ask(town, run, "retry")
    run = await ended(town, run, "finished")
    assert pairs_of(run) == {"paid": 6}
    refused = await town.system.api.post(
        f"/v1/pay-runs/{run['id']}/retry", json={"reason": ""}, headers={"Idempotency-Key": new_id().hex}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_failed")
    await prove(town)


async def test_a_paused_run_begins_nothing_until_it_is_resumed(town: Town) -> None:
    await populate(town, 4)
    held = await town.fault(PAYOUT, "pause_before")
    run = await start(town, width=1)
    await town.system.eventually(lambda: town.waiting(held))

    await ask(town, run, "pause")
    await town.system.control.post(f"/faults/{held}/release")

    seen = await town.system.until(f"/v1/pay-runs/{run['id']}", lambda seen: "paid" in pairs_of(seen))
    assert (seen["state"], pairs_of(seen)) == ("paused", {"paid": 1, "waiting": 3})
    handle = town.system.house.temporal.get_workflow_handle(f"pay-run/{_uuid(run)}")
    assert (await handle.query("status"))["state"] == "paused"
    answer = await handle.execute_update("resume", None)
    assert answer["accepted"], answer
    assert pairs_of(await ended(town, run, "finished")) == {"paid": 4}
    await prove(town)


async def test_a_cancelled_run_leaves_the_rest_to_another_one(town: Town) -> None:
    await populate(town, 4)
    held = await town.fault(PAYOUT, "pause_before")
    run = await start(town, width=1)
    await town.system.eventually(lambda: town.waiting(held))

    run = await ask(town, run, "cancel")

    assert (run["state"], pairs_of(run)) == ("cancelled", {"paying": 1, "dropped": 3})
    other = await start(town)
    assert other["total"]["pairs"] == 3
    await town.system.control.post(f"/faults/{held}/release")
    assert pairs_of(await ended(town, other, "finished")) == {"paid": 3}
    await town.system.until(f"/v1/pay-runs/{run['id']}", lambda seen: pairs_of(seen) == {"paid": 1, "dropped": 3})
    await prove(town)


def _uuid(run: dict[str, Any]) -> str:
    digits = run["id"].removeprefix("prun_")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _pair(standing: str, family: int, provider: int, seconds: int = 0) -> Pair:
    return {"standing": standing, "family_id": f"f{family}", "provider_id": f"p{provider}", "seconds": seconds}


async def test_the_window_takes_no_two_payments_of_one_wallet_and_makes_room_for_slow_ones() -> None:
    line = [_pair("waiting", 1, 1), _pair("waiting", 1, 2), _pair("waiting", 2, 2), _pair("waiting", 3, 3)]

    async def chosen(under_way: list[Pair], width: int, line: list[Pair] = line) -> list[Pair]:
        async def waiting(busy: set[Any], limit: int) -> list[Pair]:
            return [pair for pair in line if not people_of(pair) & busy][:limit]

        return await choose(under_way, width, waiting)

    assert await chosen([], 20) == [line[0], line[2], line[3]]
    assert await chosen([], 2) == [line[0], line[2]], "the second of a family does not take the place of the next"
    assert await chosen([_pair("paying", 9, 9)], 2) == [line[0]]
    assert await chosen([_pair("paying", 9, 9, seconds=61)], 1) == [line[0]], "a slow one leaves its place"
    assert await chosen([_pair("paying", 3, 9)], 20) == [line[0], line[2]]
    behind = [_pair("waiting", 2, 1), _pair("waiting", 3, 1)]
    assert await chosen([_pair("in_doubt", 1, 1)], 1, behind) == behind[:1], "nothing else is left: it waits by itself"
    assert await chosen([_pair("paying", 1, 1)], 5, behind) == []
