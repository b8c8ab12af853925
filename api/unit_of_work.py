"""The transaction of a request that only reads, or whose verb needs no Idempotency-Key."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from api.auth import Asker
from api.context import Context
from db.unit_of_work import UnitOfWork


async def unit_of_work(request: Request, asker: Asker, context: Context) -> AsyncIterator[UnitOfWork]:
    """One transaction that sees the asker's organization; it ends before the answer is sent.

    What a GET shows is of one moment: a report that was read before its payout settled is not shown beside the payout
    as it was after.
    """
    async with context.database.unit_of_work(
        asker.organization_id,
        actor=asker.actor,
        request_id=asker.request_id,
        one_view=request.method == "GET",
        party=asker.party,
    ) as uow:
        yield uow


Work = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]
