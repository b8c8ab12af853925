"""A check that Column prints and mails. FS Main is debited only when somebody cashes it."""

from collections.abc import Mapping
from uuid import UUID

from domain.column_transfer import BankAccounts, plain_text
from domain.errors import InvalidInput
from domain.money_call import LedgerLine
from domain.payout_method.base import Details, Field, MustAct, PayoutMethod, PayoutOrder
from domain.reimbursement_lines import FS_MAIN, OUTSTANDING_CHECKS, clearing

LONGEST_STREET = 50
"""Characters of both address lines together (Column)."""
LONGEST_MEMO = 40
UNDELIVERABLE = "check_undeliverable"
"""The post gave the check back. It can still be cashed by whoever holds it until it is stopped."""
_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR"
    " PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"
).replace(" ", "|")


class CheckMethod(PayoutMethod):
    """Between issue and cashing the money stands on `external:bank:outstanding_checks`."""

    kind = "check"
    rail = "column"
    silent_days = 180  # banks need not pay older ones
    operation = "check_issue"
    stop_operation = "check_stop"
    summary = "An address in the United States, to which a check is mailed."
    fields = (
        Field("line_1", "street and number", "12 Main Street", longest=LONGEST_STREET),
        Field("line_2", "the second line of the address", "Apartment 3", longest=LONGEST_STREET, default=""),
        Field("city", "a city", "Burlington"),
        Field("state", "a state by its two letters", "VT", pattern=_STATES, longest=2),
        Field("postal_code", "a ZIP code, 5 digits or 5+4", "05401", pattern=r"[0-9]{5}(-[0-9]{4})?", longest=10),
    )
    not_ended_badly = ("check_present", "A check of this payout exists that is neither refused nor stopped.")

    def read(self, given: Mapping[str, str]) -> dict[str, str]:
        """The address, in the characters that fit on an envelope."""
        details = super().read(given)
        if len(details["line_1"] + details["line_2"]) > LONGEST_STREET:
            raise InvalidInput("line_2", f"Both lines together may have {LONGEST_STREET} characters.")
        return details

    def hint(self, details: Details) -> str:
        """The last four digits of the five of the ZIP code."""
        return details["postal_code"][1:5]

    def destination(self, hint: str) -> str:
        """By the ZIP code."""
        return f"by check to the address whose ZIP code ends in {hint}"

    def request(self, accounts: BankAccounts, order: PayoutOrder, details: Details) -> dict[str, str]:
        """POST /transfers/checks/issue."""
        address = {name: plain_text(value) for name, value in details.items() if value}
        payee = plain_text(order.payee_name)
        return {
            "account_number_id": accounts.account_number_id,
            "positive_pay_amount": str(order.money.minor_units),
            "currency_code": order.money.currency,
            "payee_name": payee,
            "mail_check_request[message]": "Reimbursement",
            "mail_check_request[memo]": plain_text(order.report_name)[:LONGEST_MEMO].rstrip(),
            "mail_check_request[payee_name]": payee,
            "mail_check_request[payor_name]": accounts.company_name,
            **{f"mail_check_request[payee_address][{name}]": value for name, value in address.items()},
            "mail_check_request[payee_address][country_code]": "US",
        }

    def lines(self, holding_id: UUID, amount: int) -> tuple[LedgerLine, ...]:
        """The check is out; the bank still has the money."""
        return (LedgerLine(clearing(holding_id), OUTSTANDING_CHECKS, amount),)

    def paid_lines(self, amount: int) -> tuple[LedgerLine, ...]:
        """Somebody cashed it."""
        return (LedgerLine(OUTSTANDING_CHECKS, FS_MAIN, amount),)

    def return_lines(self, holding_id: UUID, amount: int, *, paid: bool) -> tuple[LedgerLine, ...]:
        """A stopped or rejected check never left the bank; one that comes back after it was cashed is in FS Main."""
        return (LedgerLine(FS_MAIN if paid else OUTSTANDING_CHECKS, clearing(holding_id), amount),)

    def who_acts(self, meaning: str, code: str | None) -> MustAct:
        """The payee, where it could not be delivered: another address mends that."""
        return "payee" if meaning == "stopped" and code == UNDELIVERABLE else "operator"
