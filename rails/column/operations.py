"""What Column can be asked: where, how an answer echoes it, and which of its states say that it was done."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.money_call import Strategy

BOOK_TRANSFER, ACH_TRANSFER, CHECK_ISSUE, CHECK_STOP = "book_transfer", "ach_transfer", "check_issue", "check_stop"


@dataclass(frozen=True, slots=True)
class ColumnOperation:
    """One kind of request that makes a transfer. `listing` is where such transfers are listed, newest first."""

    path: str
    listing: str
    echoed: tuple[str, ...]
    applied: frozenset[str]
    amount: str = "amount"
    """The name of the amount's field."""


TRANSFERS: Mapping[str, ColumnOperation] = {
    BOOK_TRANSFER: ColumnOperation(
        path="/transfers/book",
        listing="/transfers/book",
        echoed=("sender_bank_account_id", "receiver_bank_account_id"),
        applied=frozenset({"COMPLETED"}),
    ),
    ACH_TRANSFER: ColumnOperation(
        path="/transfers/ach",
        listing="/transfers/ach",
        echoed=("type", "account_number_id"),
        applied=frozenset(
            {
                "INITIATED",
                "MANUAL_REVIEW",
                "PENDING_SUBMISSION",
                "SUBMITTED",
                "ACKNOWLEDGED",
                "SETTLED",
                "COMPLETED",
                # debited and given back since: the return is an event of its own
                "PENDING_RETURN",
                "RETURNED",
                "CANCELED",
            }
        ),
    ),
    CHECK_ISSUE: ColumnOperation(
        path="/transfers/checks/issue",
        listing="/transfers/checks",
        echoed=("account_number_id", "payee_name"),
        applied=frozenset(
            {
                "INITIATED",
                "ISSUED",
                "MANUAL_REVIEW",
                "PENDING_DEPOSIT",
                "DEPOSITED",
                "SETTLED",
                # issued and ended since: how is an event of its own
                "REJECTED",
                "STOPPED",
                "RETURNED",
            }
        ),
        amount="positive_pay_amount",
    ),
}
STRATEGIES: Mapping[str, Strategy] = {
    **dict.fromkeys(TRANSFERS, "repeatable_key"),
    # Column documents no key for it: the check itself says whether it is stopped
    CHECK_STOP: "query",
}
CHECKS = TRANSFERS[CHECK_ISSUE].listing
STOPPED = "STOPPED"
