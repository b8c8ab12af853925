"""What the workflow of a provider payment learns from its rows and from Chek."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

PROVIDER_PAYMENT = "provider-payment"
RESTED = "rested"
"""How a payment tells the pay run that made it that there is nothing to do for it, for now or for good."""

LOOK_AT_PAYMENT = "provider_payment.look"
READ_METHOD = "provider_payment.read_method"


class PaymentStanding(BaseModel):
    """Where a payment stands: the money step to do, or nothing to do until a person acts, or the end."""

    state: str
    next_step: Literal["fund", "pay_out", "give_back"] | None
    ended: bool
    waiting_for: str
    business_now: datetime


class MethodRead(BaseModel):
    """Whether Chek could be asked how the provider is paid; what it said stands in the provider's settings."""

    reached: bool
