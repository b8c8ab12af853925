"""The names of Chek wallets: what an open money call keeps to itself, and what is read as evidence."""

_USER, _CARD = "user:", "card:"


def user_wallet(chek_user_id: str) -> str:
    """A Chek user's wallet. A person who is family and provider has one user, and so one wallet."""
    return _USER + chek_user_id


def card_wallet(chek_card_id: str) -> str:
    """A virtual card: it can be held, but its balance cannot be read."""
    return _CARD + chek_card_id


def user_of(wallet: str) -> str | None:
    """The Chek user whose wallet this is, or None for a card."""
    return wallet.removeprefix(_USER) if wallet.startswith(_USER) else None
