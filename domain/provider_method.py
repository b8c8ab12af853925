"""How a provider is paid: a bank account invited to direct pay, or a virtual card. Only what is `Active` is paid to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from domain.errors import StateConflict

ACTIVE = "Active"


@dataclass(frozen=True, slots=True)
class ProviderMethod:
    """What Chek said about a provider when it was last read; statuses in Chek's own words."""

    chek_user_id: str
    direct_pay_id: str | None
    direct_pay_status: str | None
    card_id: str | None
    card_status: str | None

    @classmethod
    def of(cls, settings: Mapping[Any, Any]) -> Self:
        """From the provider's payment settings."""
        return cls(**{name: settings[name] for name in cls.__slots__})


def require_payable_to(method: ProviderMethod, by: str) -> None:
    """Refuse a bank account without an id (an invitation alone is none), a missing card, and what is not active."""
    known, status = {
        "ach": (method.direct_pay_id, method.direct_pay_status),
        "card": (method.card_id, method.card_status),
    }[by]
    thing = {"ach": "bank account", "card": "card"}[by]
    if known is None:
        raise StateConflict("method_missing", f"The provider has no {thing} at Chek yet.", who_must_act="payee")
    if status != ACTIVE:
        raise StateConflict(
            "method_inactive", f"The provider's {thing} at Chek is not active ({status}).", who_must_act="payee"
        )
