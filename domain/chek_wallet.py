"""The names of Chek wallets: what an open money call keeps to itself, and what is read as evidence."""

_USER, _CARD, _PERSON = "user:", "card:", "person:"


def user_wallet(chek_user_id: str) -> str:
    """A Chek user's wallet. A person who is family and provider has one user, and so one wallet."""
    return _USER + chek_user_id


def card_wallet(chek_card_id: str) -> str:
    """A virtual card: it can be held, but its balance cannot be read."""
    return _CARD + chek_card_id


def user_of(wallet: str) -> str | None:
    """The Chek user whose wallet this is, or None for a card or a person who has none."""
    return wallet.removeprefix(_USER) if wallet.startswith(_USER) else None


def person_claim(fingerprint: str) -> str:
    """Not a wallet yet: a person who is being made a Chek user, kept to one open call by the same means."""
    return _PERSON + fingerprint
