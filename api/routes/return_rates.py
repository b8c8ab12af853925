"""/v1/return-rates: how many debits come back, against the levels of the Nacha rules."""

from typing import Annotated

from fastapi import Query

from api.auth import needs
from api.context import Context
from api.pagination import Page
from api.router import router
from api.schemas.return_rate import MerchantRatesView, rates_view
from api.unit_of_work import Work
from db.queries.return_rate import rates
from domain.ids import parse_public_id

routes = router("return-rates")


@routes.get("", dependencies=[needs("returns:read")])
async def list_all(
    uow: Work, context: Context, merchant_id: Annotated[str | None, Query(max_length=60)] = None
) -> Page[MerchantRatesView]:
    """Unauthorized, administrative and overall rates over sixty days, per merchant."""
    only = None if merchant_id is None else [parse_public_id("mer", merchant_id, field="merchant_id")]
    found = await rates(uow, minimum_sample=context.settings.epx.rate_minimum_sample, merchants=only)
    return Page(data=[rates_view(row, of_merchant) for row, of_merchant in found], has_more=False)
