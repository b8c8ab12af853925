"""What an organization asks of its reports, in the API."""

from pydantic import Field

from api.fields import PositiveAmount, RequestModel, ResponseModel
from domain.report_policy import ReportPolicy


class PolicyEdit(RequestModel):
    """What is to be changed; what is left out stays. `maximum` null: the organization sets none."""

    frozen: bool | None = Field(default=None, description="nothing is submitted, reviewed, approved or paid again")
    receipt_required: bool | None = Field(default=None, description="each expense needs a receipt, mileage too")
    organizer_approval: bool | None = Field(default=None, description="a review comes before the approval")
    maximum: PositiveAmount | None = Field(default=None, description="most that one report may come to, minor units")


class PolicyView(ResponseModel):
    """The organization's policy."""

    frozen: bool
    receipt_required: bool
    organizer_approval: bool
    maximum: int | None


def policy_view(policy: ReportPolicy) -> PolicyView:
    """The policy as it stands."""
    return PolicyView(
        frozen=policy.frozen,
        receipt_required=policy.receipt_required,
        organizer_approval=policy.organizer_approval,
        maximum=policy.maximum,
    )
