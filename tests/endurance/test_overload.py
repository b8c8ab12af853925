"""The API under three times what it can serve: refuses what is too much, does what it accepted, and recovers."""

from sandbox.runner import SandboxRunner
from settings import Settings
from tests.endurance.asking import by_client
from tests.endurance.overload import all_done, prepared
from tests.endurance.pressure import REFUSALS, TIMES, press
from tests.faults.world import changed
from tests.system import open_system

PLACES = 3
MANY = 1_000_000


async def test_too_much_is_refused_and_what_is_accepted_is_done(settings: Settings, sandbox: SandboxRunner) -> None:
    narrow = {"concurrent_requests": PLACES, "rate_burst": MANY, "rate_per_second": MANY}
    async with open_system(changed(settings, api=narrow), sandbox) as system:
        account = await prepared(system)
        pressed = await press(by_client(system, account), callers=PLACES, seconds=1.0)
        assert pressed.offered > 0.9 * TIMES * pressed.sustainable, pressed
        assert set(pressed.answers) <= REFUSALS | {202}, pressed
        assert pressed.answers.get(503, 0) > 0, pressed
        assert pressed.without_retry_after == 0, pressed
        assert pressed.accepted, pressed
        await all_done(system, pressed, seconds=60)
