"""Amounts and names on which the pretend Chek misbehaves. docs/sandbox.md lists them for people."""

from sandbox.chek.errors import ChekError

REFUSED_AMOUNT = 666_00
REFUSED_NAME = "Refused"
UNINVITED_NAME = "Uninvited"
_CARD_STATUS = {"Cardpending": "Pending", "Cardinactive": "Inactive"}


def check_amount(amount: int) -> None:
    """Raises ChekError on the amount that every money call refuses."""
    if amount == REFUSED_AMOUNT:
        raise ChekError(400, "refused_by_amount", "The transaction was refused.")


def payout_return(amount: int) -> str | None:
    """666.01 to 666.85 come back two banking days after they settled, with R01 to R85."""
    return f"R{amount - REFUSED_AMOUNT:02d}" if 1 <= amount - REFUSED_AMOUNT <= 85 else None


def card_status(last_name: str) -> str:
    return _CARD_STATUS.get(last_name, "Active")
