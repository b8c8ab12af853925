"""BURSAR_PAYPAL__… and BURSAR_PAYOUT__…, groups of settings.py: paying people back."""

from pydantic import Field, SecretStr

from settings_fields import NO_SECRET, Group, RailSettings, Seconds

PRETEND_PAYPAL = {
    "client_id": "sandbox-paypal-client-id",
    "client_secret": "sandbox-paypal-client-secret",
    "webhook_id": "WH-SANDBOX",
    "settling_delay_seconds": 2,
}
"""Public test values, which the sandbox accepts by default; they open nothing else."""


class PayPalSettings(RailSettings):
    """BURSAR_PAYPAL__…: PayPal Payouts."""

    client_id: str = Field("", description="client id of the REST application")
    client_secret: SecretStr = Field(NO_SECRET, description="its secret")
    webhook_id: str = Field("", description="id of our webhook at PayPal, which its signatures are made for")
    key_safe_days: int = Field(25, ge=1, le=29, description="days for which a sender_batch_id may be sent again")


class PayoutSettings(Group):
    """BURSAR_PAYOUT__…: what happens to a reimbursement's payout that somebody must help with, in business time."""

    remind_payee_after_days: tuple[int, ...] = Field(
        (3, 7, 14, 30), description="days after it failed, each a mail to the payee; with the last one a case opens"
    )
    operator_case_after_days: int = Field(1, ge=1, description="days after which one that waits for us is a case")
    doubt_case_after_hours: int = Field(
        4, ge=1, description="hours after which a step of which nobody knows whether it was done is a case"
    )
    retry_after_minutes: tuple[int, ...] = Field(
        (10, 60, 360), description="minutes after which one that mends itself is tried again; then an operator must act"
    )
    by_hand_banking_days: int = Field(2, ge=1, le=30, description="banking days for a wire that a person sends")
    reconcile_at_hour: int = Field(5, ge=0, le=23, description="New York: when partners' own lists are looked at daily")
    reconcile_days: int = Field(
        70, ge=1, le=400, description="days after a payout was paid during which it is looked for in those lists"
    )
    lost_after_seconds: Seconds = Field(
        600,
        description="without news from a payout that should go on, until its run is looked for",
    )
    watch_seconds: Seconds = Field(60, description="pause between looks at what is due")
