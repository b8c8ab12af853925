"""Who asks: an operator, or a family or provider, with an API key of one organization, and what that key may do."""

from dataclasses import dataclass
from uuid import UUID

from domain.childcare_party import Party
from domain.errors import PermissionDenied

EVERYTHING = "*"
READ_EVERYTHING = "*:read"


@dataclass(frozen=True, slots=True)
class Principal:
    """The asker of one request. Scopes read ``<noun>:<verb>``, for example ``ach_debits:write``.

    `party` is the family or provider in whose name something is asked; None is the organization's own staff.
    """

    organization_id: UUID
    operator_id: UUID
    key_id: UUID
    scopes: frozenset[str]
    request_id: str
    party: Party | None = None

    @property
    def actor(self) -> str:
        """Who did it, as audit rows name them."""
        return f"operator/{self.operator_id}/key/{self.key_id}"

    def may(self, scope: str) -> bool:
        """Whether the key has this scope, by itself or through a wider one."""
        return bool(self.scopes & _granting(scope))

    def require(self, scope: str) -> None:
        """Raise PermissionDenied unless the key has this scope."""
        if not self.may(scope):
            raise PermissionDenied(f"This API key lacks the scope {scope}.")


def _granting(scope: str) -> set[str]:
    granting = {scope, EVERYTHING}
    if scope.endswith(":read"):
        granting.add(READ_EVERYTHING)
    return granting
