"""The names of ledger accounts, as docs/ledger.md lists them. Codes read like paths."""

from uuid import UUID


def organization_cash(organization_id: UUID) -> str:
    """Money of the organization that it may spend."""
    return f"org:{organization_id.hex}:cash"


def organization_uncleared(organization_id: UUID) -> str:
    """Money on its way to the organization: taken in by the gateway, not settled."""
    return f"org:{organization_id.hex}:uncleared"


def epx_in_transit() -> str:
    """What the gateway took in and has not settled."""
    return "rail:epx:in_transit"


def epx_settlement_bank() -> str:
    """The bank account into which the gateway settles."""
    return "external:bank:epx"
