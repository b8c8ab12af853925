"""PayPal's customer: credentials, webhook, and the money it has there."""

from dataclasses import dataclass

from sandbox.notices import NoticeConfig


@dataclass
class PayPalConfig(NoticeConfig):
    """``opening_balance`` is cents and is given once, when the books are new.

    ``payout_fee`` is what each item that is processed costs, in cents; ``fee_given_back`` with what comes back.
    """

    client_id: str = "sandbox-paypal-client-id"
    client_secret: str = "sandbox-paypal-client-secret"  # noqa: S105  # a public test value
    webhook_id: str = "WH-SANDBOX"
    opening_balance: int = 0
    token_life_seconds: int = 32_400
    payout_fee: int = 0
    fee_given_back: bool = False
