"""ACH credit through Column to an account in the United States (PPD)."""

from collections.abc import Mapping

from domain.bank_account import AccountNumber, AccountType, BankAccount
from domain.column_transfer import BankAccounts, ach_credit
from domain.payout_method.base import Details, Field, MustAct, PayoutMethod, PayoutOrder
from domain.return_codes import who_acts_on_returned_credit


class AchMethod(PayoutMethod):
    """Column debits FS Main when it takes the transfer in."""

    kind = "ach"
    rail = "column"
    silent_days = 10  # five banking days, whatever holidays are among them
    operation = "ach_transfer"
    summary = "A bank account in the United States, paid by ACH."
    fields = (
        Field("routing_number", "nine digits that name a bank", "011000015", longest=20),
        Field("account_number", "4 to 17 digits", "123456789", longest=40, secret=True),
        Field("account_type", "checking or savings", "checking", pattern="checking|savings", default="checking"),
    )
    not_ended_badly = (
        "ach_transfer_not_failed",
        "An ACH transfer of this payout is neither refused nor returned.",
    )

    def read(self, given: Mapping[str, str]) -> dict[str, str]:
        """The account, with a routing number whose check digit is right."""
        details = super().read(given)
        account = BankAccount(
            details["routing_number"], AccountNumber(details["account_number"]), AccountType(details["account_type"])
        )
        return {
            "routing_number": account.routing_number,
            "account_number": account.account_number.reveal(),
            "account_type": account.account_type.value,
        }

    def hint(self, details: Details) -> str:
        """The last four digits."""
        return AccountNumber(details["account_number"]).last_four

    def destination(self, hint: str) -> str:
        """By the last four digits."""
        return f"to the account ending in {hint}"

    def request(self, accounts: BankAccounts, order: PayoutOrder, details: Details) -> dict[str, str]:
        """POST /transfers/ach."""
        return ach_credit(
            accounts,
            order.money,
            name=order.payee_name,
            routing_number=details["routing_number"],
            account_number=details["account_number"],
            account_type=details["account_type"],
        )

    def who_acts(self, meaning: str, code: str | None) -> MustAct:
        """As the return's code says; a transfer that the bank cancelled is ours."""
        return who_acts_on_returned_credit(code) if meaning == "returned" else "operator"
