"""An international wire, which a person sends at the bank and another confirms: a task with an owner and a deadline."""

import re
from collections.abc import Mapping

from domain.column_transfer import BankAccounts
from domain.errors import InvalidInput
from domain.payout_method.base import Details, Field, MustAct, PayoutMethod, PayoutOrder

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
REMITTANCE = "Reimbursement"


class WireMethod(PayoutMethod):
    """The two persons' word is the bank's: a wire is final when the bank has executed it."""

    kind = "wire"
    rail = "by_hand"
    operation = "wire"
    by_hand = True
    summary = "A bank account outside the United States, paid by wire in US dollars."
    fields = (
        Field("bic", "a BIC of 8 or 11 characters", "DEUTDEFF", r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", 11),
        Field(
            "account_number",
            "an IBAN or an account number",
            "DE89370400440532013000",
            r"[A-Z0-9]{4,34}",
            34,
            secret=True,
        ),
        Field("bank_name", "the bank's name", "Deutsche Bank"),
        Field("address", "the payee's street and number", "Hauptstrasse 1"),
        Field("city", "the payee's city", "Berlin"),
        Field("country", "the payee's country by its two letters", "DE", r"[A-Z]{2}", 2),
    )
    not_ended_badly = (
        "wire_not_refused",
        "A wire of this payout is not refused: its owner says first that it was not sent.",
    )

    def read(self, given: Mapping[str, str]) -> dict[str, str]:
        """The account, with an IBAN whose check digits are right, at a bank outside the United States."""
        details = super().read(given)
        if details["bic"][4:6] == "US":
            raise InvalidInput("bic", "A bank in the United States is paid by ACH.")
        number = details["account_number"]
        if _IBAN.fullmatch(number) and not _is_iban(number):
            raise InvalidInput("account_number", "The IBAN's check digits are wrong.", code="invalid_account_number")
        return details

    def hint(self, details: Details) -> str:
        """The last four characters."""
        return details["account_number"][-4:]

    def destination(self, hint: str) -> str:
        """By the last four characters."""
        return f"by wire to the account ending in {hint}"

    def request(self, accounts: BankAccounts, order: PayoutOrder, details: Details) -> dict[str, str]:
        """What the owner of the task types into the bank's page."""
        return {
            **details,
            "beneficiary": order.payee_name,
            "amount": order.money.decimal_text(),
            "currency": order.money.currency,
            "from_bank_account": accounts.fs_main,
            "remittance_information": f"{REMITTANCE} {order.reference}",
        }

    def who_acts(self, meaning: str, code: str | None) -> MustAct:
        """Never asked: the two persons say who."""
        del meaning, code
        return "operator"


def _is_iban(number: str) -> bool:
    """ISO 13616: the country and check digits last, letters as numbers from ten, the whole modulo 97 is one."""
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1
