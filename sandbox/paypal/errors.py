"""PayPal's error bodies: name, message, debug_id, details. Clients map on the name and the issue."""

from typing import Any


class PayPalError(Exception):
    """A refusal; nothing happened."""

    def __init__(
        self, name: str, message: str, *, status: int = 400, issue: str = "", links: list[dict[str, str]] | None = None
    ) -> None:
        self.status = status
        self.name = name
        self.document: dict[str, Any] = {
            "name": name,
            "message": message,
            "debug_id": "f0e1d2c3b4a59",
            "information_link": f"https://developer.paypal.com/docs/api/payments.payouts-batch/#error-{name}",
            "details": [{"issue": issue}] if issue else [],
            "links": links or [],
        }
        super().__init__(name)


def invalid(field: str, issue: str) -> PayPalError:
    error = PayPalError("VALIDATION_ERROR", "Invalid request - see details.")
    error.document["details"] = [{"field": field, "location": "body", "issue": issue}]
    return error


def not_found() -> PayPalError:
    return PayPalError("RESOURCE_NOT_FOUND", "The requested resource was not found.", status=404)
