"""The ledger accounts of childcare subsidies; docs/flows/childcare.md says which step moves which.

The accounts of all families and providers behind one Chek user add up to that user's wallet.
"""

from uuid import UUID

CHEK_CASH = "rail:chek:cash"
"""All money that Chek keeps for us: programmes, wallets, cards."""

CHEK_IN_TRANSIT = "rail:chek:in_transit"
"""Same-day ACH that Chek took in and whose settlement we have not learnt: less than nothing while it is under way."""


def program_funds(program_id: UUID) -> str:
    """A programme's money that no family was given yet."""
    return f"program:{program_id.hex}:funds"


def family_wallet(family_id: UUID, allocation_id: UUID) -> str:
    """What is left in the family's wallet of one child's month. Siblings share the wallet, not the money."""
    return f"family:{family_id.hex}:wallet:{allocation_id.hex}"


def family_unassigned(family_id: UUID) -> str:
    """Money in the family's wallet that belongs to no allocation: others brought it there, or took it away."""
    return f"family:{family_id.hex}:wallet:unassigned"


def provider_wallet(provider_id: UUID) -> str:
    """Money in a provider's wallet, on its way from a family to a bank account or card."""
    return f"provider:{provider_id.hex}:wallet"


def provider_card(provider_id: UUID) -> str:
    """Money put on a provider's virtual cards, ever; what is spent from a card is the provider's own affair."""
    return f"provider:{provider_id.hex}:card"
