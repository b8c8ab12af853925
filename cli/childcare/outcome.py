"""What became of that which was asked for: asked is not done, so the commands look until each has come to rest."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from cli.api import Api
from cli.childcare.batch import progress_bar
from domain.clock import steady_seconds
from domain.onboarding import OPEN as ONBOARDING
from domain.onboarding import OnboardingState
from domain.provider_payment import MADE, NEXT_STEP, RELEASED, PaymentState
from domain.reclaim import OPEN as RECLAIMING
from domain.reclaim import ReclaimState

LOOK_EVERY_SECONDS = 0.5
LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of thing is looked at: where it is, what its state is called, and which states are what."""

    path: str
    field: str
    under_way: Callable[[Any], bool]
    is_well: Callable[[Any], bool]


PAYMENTS = Kind(
    "/v1/provider-payments",
    "state",
    lambda seen: PaymentState(seen["state"]) in NEXT_STEP,
    lambda seen: PaymentState(seen["state"]) in MADE | RELEASED,
)
ALLOCATIONS = Kind(
    "/v1/allocations",
    "funding_state",
    lambda seen: seen["funding_state"] != "funded" and seen["code"] is None,
    lambda seen: seen["funding_state"] == "funded",
)
RECLAIMS = Kind(
    "/v1/reclaims",
    "state",
    lambda seen: seen["state"] in RECLAIMING,
    lambda seen: seen["state"] == ReclaimState.RECLAIMED,
)
ONBOARDINGS = Kind(
    "/v1/onboardings",
    "state",
    lambda seen: seen["state"] in ONBOARDING,
    lambda seen: seen["state"] == OnboardingState.ONBOARDED,
)


def watch(api: Api, console: Console, kind: Kind, asked: Mapping[str, str]) -> bool:
    """Look until each has ended or stopped, for five minutes in all, and name what is not well with its code.

    `asked` is the names by id. False if one stopped, or is still under way by then.
    """
    deadline, seen = steady_seconds() + LONGEST_SECONDS, {}
    with progress_bar(console) as progress:
        task = progress.add_task("what became of them", total=len(asked))
        for one in asked:
            seen[one] = _at_rest(api, kind, one, deadline)
            progress.advance(task)
    for one, name in asked.items():
        state, code = seen[one][kind.field], seen[one]["code"] or ""
        late = "is still under way" if kind.under_way(seen[one]) else ""
        said = " ".join(part for part in (state, code, late) if part)
        console.print(f"{name}: {said}", markup=False, highlight=False)
    return all(kind.is_well(one) for one in seen.values())


def _at_rest(api: Api, kind: Kind, one: str, deadline: float) -> Any:
    while True:
        seen = api.get(f"{kind.path}/{one}")
        if not kind.under_way(seen) or steady_seconds() >= deadline:
            return seen
        time.sleep(LOOK_EVERY_SECONDS)
