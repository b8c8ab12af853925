"""Families and providers who ask: by a key of their own, or named by a caller's own service, they may do only this."""

from collections.abc import Mapping
from typing import Any

from domain.childcare_party import Party
from domain.errors import PermissionDenied

HEADER = "Bursar-Acting-For"
_BOTH = frozenset(
    {
        "GET /v1/attendance",
        "GET /v1/attendance/{attendance_id}",
        "POST /v1/attendance",
        "GET /v1/care-days",
        "GET /v1/care-days/{care_day_id}",
        "GET /v1/children/{child_id}/overdue-attendance",
        "GET /v1/lump-sums",
        "GET /v1/lump-sums/{lump_sum_id}",
        "GET /v1/payment-rates",
        "GET /v1/payment-rates/{rate_id}",
        "GET /v1/provider-payments",
        "GET /v1/provider-payments/{payment_id}",
    }
)
ALLOWED: Mapping[str, frozenset[str]] = {
    "family": _BOTH
    | {
        "GET /v1/allocations",
        "GET /v1/allocations/{allocation_id}",
        "POST /v1/care-days",
        "POST /v1/care-days/bulk-select",
        "POST /v1/care-days/bulk-delete",
        "PATCH /v1/care-days/{care_day_id}",
        "DELETE /v1/care-days/{care_day_id}",
        "POST /v1/care-days/{care_day_id}/restore",
        "GET /v1/children",
        "GET /v1/children/{child_id}",
        "GET /v1/families/{family_id}",
        "POST /v1/lump-sums",
        "DELETE /v1/lump-sums/{lump_sum_id}",
        "POST /v1/provider-payments",
    },
    "provider": _BOTH
    | {
        "POST /v1/payment-rates",
        "GET /v1/providers/{provider_id}",
        "POST /v1/providers/{provider_id}/payment-settings",
        "POST /v1/providers/{provider_id}/refresh",
    },
}
"""By kind of party, what it may ask for if the key's scopes allow it too. Whatever is not named here is staff's."""


def party_of(key: Mapping[Any, Any], header: str | None) -> Party | None:
    """Whose the request is: the key's own, or whom the header names to a key of staff. Raises PermissionDenied."""
    own = Party.of(key)
    if header is None:
        return own
    named = Party.named(header, field=HEADER)
    if own is not None and own != named:
        raise PermissionDenied("This API key is another family's or provider's.", code="other_party")
    return named


def require_allowed(party: Party | None, method: str, route: str) -> None:
    """Raise PermissionDenied for a family or provider that asks for what only staff may."""
    if party is not None and f"{'GET' if method == 'HEAD' else method} {route}" not in ALLOWED[party.kind]:
        raise PermissionDenied("Families and providers may not ask for this: it is for staff.", code="staff_only")
