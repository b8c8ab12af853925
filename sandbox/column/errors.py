"""Column's error bodies: type, code, message, details. Clients map on the code."""

from collections.abc import Mapping
from typing import Any


class ColumnError(Exception):
    """A refusal; nothing happened."""

    def __init__(
        self, type_: str, code: str, message: str, *, status: int = 400, details: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.document: dict[str, Any] = {
            "type": type_,
            "code": code,
            "message": message,
            "documentation_url": f"https://column.com/docs/api/#{type_}",
            "details": dict(details or {}),
        }
        super().__init__(code)


def invalid_parameter(name: str, reason: str) -> ColumnError:
    return ColumnError(
        "invalid_request_error", "invalid_parameter", "The request has an invalid parameter.", details={name: reason}
    )


def not_found(what: str) -> ColumnError:
    return ColumnError(f"{what}_error", f"{what}_not_found", "It does not exist on this platform.", status=404)


def insufficient_balance(bank_account_id: str) -> ColumnError:
    return ColumnError(
        "bank_account_error",
        "insufficient_balance",
        "The bank account has not enough available balance.",
        details={"bank_account_id": bank_account_id},
    )


def wrong_status(what: str, status: str) -> ColumnError:
    return ColumnError(
        f"{what}_error", f"{what}_invalid_status", "The transfer is in a state that does not allow this.",
        details={"status": status},
    )  # fmt: skip
