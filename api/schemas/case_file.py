"""Cases in the API."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from api.fields import RequestModel
from api.schemas.flow import CaseView, case_view
from domain.public_ids import subject_id


class CaseDetail(CaseView):
    """A case with what it is about."""

    subject_kind: str
    subject_id: str
    age_seconds: int = Field(description="how long it has been open, or was")


class Closing(RequestModel):
    """What was done about the case."""

    resolution: str = Field(min_length=5, max_length=2000)


def case_detail(row: Mapping[Any, Any]) -> CaseDetail:
    """A case from its row."""
    kind = row["subject_kind"]
    return CaseDetail(
        **case_view(row).model_dump(),
        subject_kind=kind,
        subject_id=subject_id(kind, row["subject_id"]),
        age_seconds=row["age_seconds"],
    )
