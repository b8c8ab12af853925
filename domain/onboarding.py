"""The life of an onboarding: a person becomes a Chek user, and a provider can be paid by bank account or card.

submitted ──► known ──► onboarded        a family, or a provider without a method, is onboarded once the user is known
    ▲ ▼         ▲ ▼
   stopped ── retry ──► the step that stopped
submitted, known (nothing sent), stopped ──cancel──► cancelled
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class OnboardingState(StrEnum):
    """`submitted`: the Chek user is to be found or made. `known`: it has a wallet here, its method is to be set up."""

    SUBMITTED = "submitted"
    KNOWN = "known"
    STOPPED = "stopped"
    ONBOARDED = "onboarded"
    CANCELLED = "cancelled"


ENDED = frozenset({OnboardingState.ONBOARDED, OnboardingState.CANCELLED})
"""What ended never changes again."""

OPEN = frozenset({OnboardingState.SUBMITTED, OnboardingState.KNOWN})
"""A step is to be done; a stopped one waits for a person."""

CREATE_USER, INVITE, CREATE_CARD = "create_user", "invite", "create_card"
_SET_UP: Mapping[str, str] = {"ach": INVITE, "card": CREATE_CARD}


def step_of(row: Mapping[Any, Any], *, has_wallet: bool) -> str | None:
    """The step that the person still needs, by what is known here; None when there is none."""
    if not has_wallet:
        return CREATE_USER
    method: str | None = row["method"]
    return None if method is None else _SET_UP[method]


def try_column(step: str) -> str:
    """The column that counts the tries of a step."""
    return "create_try" if step == CREATE_USER else "set_up_try"
