"""Reading from Chek how a provider is paid."""

from pydantic import BaseModel

REFRESH_PROVIDER = "provider.refresh"


class ProviderRefreshed(BaseModel):
    """Chek's own words about the provider's bank account and card; None where there is none."""

    direct_pay_status: str | None
    card_status: str | None
