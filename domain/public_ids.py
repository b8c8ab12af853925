"""Which prefix the ids of each noun have, for places that hold ids of many nouns: events, timelines, cases."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.ids import public_id

LENGTH = 36
"""Of an id as it stands in the database's JSON."""

SUBJECTS: Mapping[str, str] = {
    "ach-account": "acct",
    "ach-authorization": "auth",
    "ach-account-change": "chg",
    "ach-credit": "achtx",
    "ach-debit": "achtx",
    "ach-return": "ret",
    "ach-void": "achtx",
    "family": "fam",
    "merchant": "mer",
    "allocation": "alloc",
    "attendance": "att",
    "deposit": "dep",
    "onboarding": "onb",
    "pay-run": "prun",
    "paypal_top_up": "ppt",
    "program": "prog",
    "provider": "prov",
    "provider-payment": "ppay",
    "reclaim": "recl",
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
    "pay_run_id": "prun",
    "payment_intent_id": "ppay",
    "provider_id": "prov",
    "reinitiation_id": "achtx",
    "receipt_id": "rct",
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
    prefix, value = SUBJECTS.get(kind), _id(text)
    return text if prefix is None or value is None else public_id(prefix, value)


def with_public_ids(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The same detail with its references as the API shows them; ids of what the API does not show are left out."""
    shown: dict[str, Any] = {}
    for name, given in detail.items():
        prefix, value = REFERENCES.get(name), _id(given)
        if value is None:
            shown[name] = given
        elif prefix is not None:
            shown[name] = public_id(prefix, value)
    return shown


def _id(given: Any) -> UUID | None:
    try:
        return UUID(given) if isinstance(given, str) and len(given) == LENGTH else None
    except ValueError:
        return None
