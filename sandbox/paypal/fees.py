"""What PayPal charges for an item: lines of the balance of their own, which its reports show with the payment."""

from sandbox.books import Books

FEE = "fee"


def charged(books: Books, item_id: str) -> int:
    """Cents that an item has cost, less what was given back."""
    found: int = books.value(
        "SELECT coalesce(-sum(amount), 0) FROM balance WHERE item_id = ? AND reason = ?", (item_id, FEE)
    )
    return found


def value_text(cents: int) -> str:
    """As PayPal writes an amount that is not negative."""
    return f"{cents // 100}.{cents % 100:02d}"
