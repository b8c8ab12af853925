"""Pay runs over a handful of pairs at a time: days are selected, and a run pays all that are due."""

from typing import Any

from tests.endurance.chance import Deed
from tests.endurance.scenery import Scenery
from tests.flows.childcare.town import RATE

FEWEST_PAIRS, MOST_PAIRS = 2, 5
UNDER_WAY = frozenset({"waiting", "paying"})


async def begin(scenery: Scenery, deed: Deed) -> str:
    """Days of some children, and a run over the whole month: what another run left is paid too."""
    for number in range(FEWEST_PAIRS + deed.which % (MOST_PAIRS - FEWEST_PAIRS + 1)):
        await _select_day(scenery, deed.which + number)
    town = scenery.town
    period = {"first_day": town.month.isoformat(), "last_day": town.day(28).isoformat()}
    run = await scenery.system.post("/v1/pay-runs", {"program_id": town.program_id, **period})
    return f"/v1/pay-runs/{run['id']}"


async def _select_day(scenery: Scenery, which: int) -> None:
    """The child's next day, with the provider that it always goes to."""
    budget = scenery.spend(which, RATE["full_day"])
    provider = scenery.providers[which % len(scenery.providers)]
    if budget.provider is None:
        await scenery.town.rate(provider, budget.child_id)
        budget.provider = provider
    budget.days += 1
    if (scenery.town.day(budget.days)).month == scenery.town.month.month:
        await scenery.town.care_days(budget.allocation, budget.provider, budget.days)


def left_over(run: dict[str, Any]) -> list[str]:
    """Pairs that nobody pays any more."""
    return [f"pairs are {standing}" for standing in run["progress"] if standing in UNDER_WAY]
