"""Many care days at once in the API."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from api.fields import RequestModel, ResponseModel
from api.schemas.care_day import CareDayView, care_day_view
from services.care_day_bulk import Done

MOST = 100


class DayWanted(RequestModel):
    """A day to promise."""

    date: dt.date
    kind: Literal["full", "half"]


class SelectDays(RequestModel):
    """Days to promise out of one allocation with one provider, in the order in which the budget serves them."""

    allocation_id: str = Field(examples=["alloc_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    provider_id: str = Field(examples=["prov_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"])
    days: Annotated[list[DayWanted], Field(min_length=1, max_length=MOST)]


class DeleteDays(RequestModel):
    """Days to take back into their budgets."""

    care_day_ids: Annotated[list[Annotated[str, Field(max_length=60)]], Field(min_length=1, max_length=MOST)]


class Refused(ResponseModel):
    """Why one of them was not done; the code is that of the single request."""

    code: str
    message: str
    field: str | None


class DayResult(ResponseModel):
    """What became of one of them: the day as it stands now, or why it was refused."""

    done: bool
    care_day: CareDayView | None
    refused: Refused | None


class DayResults(ResponseModel):
    """One result for each that was asked for, in the same order."""

    done: int
    refused: int
    results: list[DayResult]


def day_results(outcomes: Sequence[Done]) -> DayResults:
    """The results of a bulk operation."""
    results = [
        DayResult(
            done=outcome.row is not None,
            care_day=None if outcome.row is None else care_day_view(outcome.row),
            refused=None
            if outcome.refusal is None
            else Refused(code=outcome.refusal.code, message=outcome.refusal.message, field=outcome.refusal.field),
        )
        for outcome in outcomes
    ]
    done = sum(result.done for result in results)
    return DayResults(done=done, refused=len(results) - done, results=results)
