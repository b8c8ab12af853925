"""One business clock for all partners."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import BusinessClock, instant_text, parse_instant, real_now
from sandbox.runner import SandboxRunner
from tests.sandbox.conftest import MONDAY_10_NEW_YORK
from tests.sandbox.speakers import Control, EpxSpeaker


async def test_the_clock_starts_where_it_is_told_and_runs(control: Control) -> None:
    first, second = (await control.get("/clock"))["now"], (await control.get("/clock"))["now"]
    began = datetime.fromisoformat(first)
    assert MONDAY_10_NEW_YORK <= began < MONDAY_10_NEW_YORK + timedelta(seconds=5)
    assert datetime.fromisoformat(second) > began


async def test_the_clock_is_advanced_to_an_instant_or_by_a_duration(control: Control) -> None:
    to = await control.post("/clock/advance", to="2026-12-01T00:00:00-05:00")
    assert to["now"].startswith("2026-12-01T05:00:00")
    by = await control.post("/clock/advance", by=86_400)
    assert by["now"].startswith("2026-12-02T05:00:00")
    iso = await control.post("/clock/advance", by="P1DT1H")
    assert iso["now"].startswith("2026-12-03T06:00:00")


@pytest.mark.parametrize(
    "body",
    [{}, {"to": "2026-12-01T00:00:00"}, {"to": "2026-12-01T00:00:00Z", "by": 1}, {"to": "2020-01-01T00:00:00Z"},
     {"by": -1}, {"by": "P99999999D"}],
)  # fmt: skip
async def test_the_clock_refuses_the_past_and_the_unclear(body: dict[str, object], control: Control) -> None:
    assert (await control.client.post("/clock/advance", json=body)).status_code == 422


async def test_partners_settle_in_order_of_time_whoever_they_are(sandbox: SandboxRunner, epx: EpxSpeaker) -> None:
    world = sandbox.world
    order: list[str] = []
    world.epx.agenda.assign({"x": order.append})
    world.chek.agenda.assign({"x": order.append})
    for partner, hour in ((world.chek, 3), (world.epx, 2), (world.chek, 1), (world.epx, 3)):
        partner.agenda.schedule(MONDAY_10_NEW_YORK + timedelta(hours=hour), "x", f"{partner.name}-{hour}")
    await world.advance(MONDAY_10_NEW_YORK + timedelta(hours=3))
    assert order == ["chek-1", "epx-2", "epx-3", "chek-3"]


async def test_time_that_passes_by_itself_settles_too(
    control: Control, epx: EpxSpeaker, sandbox: SandboxRunner
) -> None:
    await control.advance(to="2026-11-23T21:59:59.900000Z")
    await epx.post("CKC2")
    while sandbox.world.clock.now() < datetime(2026, 11, 23, 22, tzinfo=UTC):
        await control.get("/clock")
    assert (await control.book("epx"))["entries"][0]["state"] == "accepted"
    await control.post("/clock/settle-due")
    assert (await control.book("epx"))["entries"][0]["state"] == "originated"


async def test_clock_books_and_pending_settlement_survive_a_restart(tmp_path: Path) -> None:
    for run in range(2):
        async with SandboxRunner(data_dir=tmp_path, start=MONDAY_10_NEW_YORK) as sandbox:
            if run == 0:
                await sandbox.world.advance(datetime(2026, 12, 1, tzinfo=UTC))
            else:
                assert sandbox.world.clock.now() > datetime(2026, 12, 1, tzinfo=UTC)


async def test_a_failed_step_of_settlement_changes_nothing_and_is_tried_again(sandbox: SandboxRunner) -> None:
    agenda, books = sandbox.world.epx.agenda, sandbox.world.epx.books

    def fail(_: str) -> None:
        books.execute("INSERT INTO terminals VALUES ('a', 'b', 'c')")
        raise ArithmeticError

    agenda.assign({"x": fail})
    agenda.schedule(MONDAY_10_NEW_YORK, "x", "1")
    with pytest.raises(ArithmeticError):
        agenda.run_next()
    assert books.row("SELECT * FROM terminals WHERE key = 'a'") is None
    assert agenda.next_due() == MONDAY_10_NEW_YORK


def test_instants_are_text_of_fixed_width_so_that_text_order_is_time_order() -> None:
    whole, fraction = MONDAY_10_NEW_YORK, MONDAY_10_NEW_YORK + timedelta(microseconds=1)
    assert instant_text(whole) < instant_text(fraction)
    assert parse_instant(instant_text(fraction)) == fraction


def test_the_clock_itself_never_goes_back() -> None:
    clock = BusinessClock(timedelta(days=2))
    with pytest.raises(ValueError, match="forward"):
        clock.move_to(real_now() + timedelta(days=1))


def test_while_pinned_the_clock_stands_still() -> None:
    clock = BusinessClock(timedelta())
    with clock.pinned(MONDAY_10_NEW_YORK):
        assert clock.now() == clock.now() == MONDAY_10_NEW_YORK
    assert abs(clock.now() - real_now()) < timedelta(seconds=1)
