"""PayPal Payouts: one batch of one item, to whoever owns an e-mail address."""

from uuid import UUID

from domain.column_transfer import BankAccounts, plain_text
from domain.money_call import LedgerLine
from domain.payout_method.base import Details, Field, MustAct, PayoutMethod, PayoutOrder
from domain.reimbursement_lines import PAYPAL, charged, clearing

PAYEE_MENDS = frozenset(
    {
        "CLOSED_MARKET",
        "CURRENCY_NOT_SUPPORTED_FOR_RECEIVER",
        "INVALID_EMAIL_ID",
        "RECEIVER_ACCOUNT_LIMITATION",
        "RECEIVER_ACCOUNT_LOCKED",
        "RECEIVER_COUNTRY_NOT_ALLOWED",
        "RECEIVER_REFUSED",
        "RECEIVER_STATE_RESTRICTED",
        "RECEIVER_UNCONFIRMED",
        "RECEIVER_UNREGISTERED",
        "RECEIVER_YOUTH_ACCOUNT",
        "RECEIVING_LIMIT_EXCEEDED",
        "REFUSED_RECEIVER_REFUSED",
        "SELF_PAY_NOT_ALLOWED",
        "UNVERIFIED_RECIPIENT_NOT_SUPPORTED",
    }
)
"""Errors of a payout item that the payee mends, at PayPal or by another method: PayPal's table of Payouts errors says
them of the recipient. `ACCOUNT_RESTRICTED` is said there of our own account. What is not here is an operator's."""
MEND_THEMSELVES = frozenset({"INTERNAL_ERROR", "UNDEFINED"})
"""Of which that table says: send it again as a new batch."""
SUBJECT = "You have been reimbursed"


class PayPalMethod(PayoutMethod):
    """PayPal takes the money from our balance there when it takes the batch in."""

    kind = "paypal"
    rail = "paypal"
    silent_days = 35  # what nobody claims comes back after 30
    operation = "payout"
    summary = "A PayPal account, by its e-mail address."
    fields = (
        Field(
            "email",
            "the e-mail address of a PayPal account",
            "maria@example.test",
            pattern=r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,62}",
            longest=127,
            secret=True,
        ),
    )
    not_ended_badly = ("paypal_transfer_not_rejected", "A PayPal transfer of this payout is not rejected.")

    def hint(self, details: Details) -> str:
        """The first letter."""
        return f"{details['email'][0]}***"

    def destination(self, hint: str) -> str:
        """By the first letter of its address."""
        return f"to the PayPal account {hint}"

    def request(self, accounts: BankAccounts, order: PayoutOrder, details: Details) -> dict[str, str]:
        """POST /v1/payments/payouts, as flat text: the rail makes the batch of it."""
        del accounts
        return {
            "email_subject": SUBJECT,
            "note": plain_text(order.report_name),
            "receiver": details["email"],
            "value": order.money.decimal_text(),
            "currency": order.money.currency,
        }

    def lines(self, holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
        """Out of our PayPal balance."""
        return (LedgerLine(clearing(holding_id), PAYPAL, amount),)

    def fee_lines(self, amount: int) -> tuple[LedgerLine, ...]:
        """Out of the same balance."""
        return charged(amount, PAYPAL)

    def who_acts(self, meaning: str, code: str | None) -> MustAct:
        """By the item's error; RETURNED without one was not claimed for thirty days."""
        if code in MEND_THEMSELVES:
            return "nobody"
        return "payee" if code in PAYEE_MENDS or meaning == "unclaimed" else "operator"
