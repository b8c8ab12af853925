"""Which prefix the ids of each noun have, for places that hold ids of many nouns: events, timelines, cases."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.ids import public_id

SUBJECTS: Mapping[str, str] = {
    "ach-account": "acct",
    "ach-authorization": "auth",
    "ach-account-change": "chg",
    "ach-credit": "achtx",
    "ach-debit": "achtx",
    "ach-return": "ret",
    "ach-void": "achtx",
    "merchant": "mer",
    "allocation": "alloc",
    "deposit": "dep",
    "program": "prog",
    "provider": "prov",
    "provider-payment": "ppay",
    "reimbursement": "rmr",
    "webhook-endpoint": "whe",
}
"""Kind of subject to prefix."""

REFERENCES: Mapping[str, str] = {
    "account_id": "acct",
    "approved_by": "opr",
    "authorization_id": "auth",
    "endpoint_id": "whe",
    "expense_id": "rex",
    "expense_payout_id": "rep",
    "holding_id": "rph",
    "merchant_id": "mer",
    "method_id": "pm",
    "money_call_id": "mc",
    "operator_id": "opr",
    "payee_id": "payee",
    "payment_intent_id": "ppay",
    "provider_id": "prov",
    "reinitiation_id": "achtx",
    "report_id": "rmr",
    "retry_of": "achtx",
    "return_id": "ret",
    "reviewed_by": "opr",
    "submitted_by": "opr",
    "transaction_id": "achtx",
}
"""Name of a reference to prefix."""


def subject_id(kind: str, text: str) -> str:
    """A subject's id as the API shows it."""
    return str(_shown(SUBJECTS.get(kind), text))


def with_public_ids(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The same detail with its references as the API shows them."""
    return {name: _shown(REFERENCES.get(name), value) for name, value in detail.items()}


def _shown(prefix: str | None, value: Any) -> Any:
    if prefix is None or not isinstance(value, str):
        return value
    try:
        return public_id(prefix, UUID(value))
    except ValueError:
        return value
