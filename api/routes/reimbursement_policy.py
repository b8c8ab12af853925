"""/v1/reimbursement-policy: what the organization asks of its reports; a scope of its own changes it."""

from api.auth import needs
from api.router import router
from api.schemas.reimbursement_policy import PolicyEdit, PolicyView, policy_view
from api.unit_of_work import Work
from db.queries import reimbursement_policy as queries
from domain.errors import InvalidInput
from services import reimbursement_policy as service

routes = router("reimbursement-policy")


@routes.get("", dependencies=[needs("reports:read")])
async def get(uow: Work) -> PolicyView:
    """The policy as it stands."""
    return policy_view(await queries.read(uow))


@routes.patch("", dependencies=[needs("reimbursement_policy:write")])
async def change(body: PolicyEdit, uow: Work) -> PolicyView:
    """Change the policy. What is approved already goes on as it was approved."""
    values = body.model_dump(exclude_unset=True)
    for name in ("frozen", "receipt_required", "organizer_approval"):
        if values.get(name, True) is None:
            raise InvalidInput(name, "Must be true or false.")
    return policy_view(await service.change(uow, values))
