"""/v1/mileage-rates: what a driven mile is paid, by day of travel."""

from api.auth import Asker, needs
from api.idempotency import Answer, Once
from api.router import router
from api.schemas.mileage_rate import (
    MileageRates,
    MileageRateView,
    NewMileageRate,
    mileage_rate_view,
    published_rate_view,
)
from api.unit_of_work import Work
from db.queries import mileage_rate as queries
from db.unit_of_work import UnitOfWork
from domain.mileage import parse_cents, published_rates

routes = router("mileage-rates")


@routes.get("", dependencies=[needs("reports:read")])
async def list_all(uow: Work) -> MileageRates:
    """The organization's own rates in the order in which they take effect, and the published ones."""
    return MileageRates(
        own=[mileage_rate_view(row) for row in await queries.listed(uow)],
        published=[published_rate_view(rate) for rate in published_rates()],
    )


@routes.post("", status_code=201, dependencies=[needs("reimbursement_policy:write")], response_model=MileageRateView)
async def add(body: NewMileageRate, once: Once, asker: Asker) -> object:
    """Set the organization's rate for travel from a day on. Submitted reports keep theirs."""
    rate = None if body.cents_per_mile is None else parse_cents(body.cents_per_mile)

    async def deed(uow: UnitOfWork) -> Answer:
        return Answer(201, mileage_rate_view(await queries.add(uow, body.effective_from, rate, asker.operator_id)))

    return await once.answer(deed)
