"""/v1/compliance/nacha: the checklist of the ACH rules, answered from the rows; made for an auditor's read-only key."""

from typing import Annotated

from fastapi import Query

from api.auth import needs
from api.context import Context
from api.router import router
from api.schemas.compliance import Checklist, checklist_item
from api.unit_of_work import Work
from db.queries.compliance import checklist
from domain.ids import parse_public_id

routes = router("compliance")


@routes.get("/nacha", dependencies=[needs("compliance:read")])
async def nacha(
    uow: Work, context: Context, merchant_id: Annotated[str | None, Query(max_length=60)] = None
) -> Checklist:
    """Item by item: what is asked, how many rows were looked at, how many offend, and which."""
    merchant = None if merchant_id is None else parse_public_id("mer", merchant_id, field="merchant_id")
    found = await checklist(uow, merchant_id=merchant, minimum_sample=context.settings.epx.rate_minimum_sample)
    return Checklist(as_of=await uow.business_now(), items=[checklist_item(finding) for finding in found])
