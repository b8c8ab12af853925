"""Moving money between a programme and a wallet, two wallets, or a wallet and a card."""

from typing import Any

from sandbox.books import Row
from sandbox.chek import magic
from sandbox.chek.body import Fields, cents, choice, only, text
from sandbox.chek.cards import Cards
from sandbox.chek.errors import ChekError, invalid
from sandbox.chek.users import Users, card_document
from sandbox.chek.wallets import Holder, Wallets, card, program, wallet

_DIRECTIONS = ("program_to_wallet", "wallet_to_program", "wallet_to_wallet")


class BalanceTransfers:
    def __init__(self, wallets: Wallets, users: Users, cards: Cards) -> None:
        self._wallets = wallets
        self._users = users
        self._cards = cards

    def of_user(self, user_id: int, fields: Fields) -> dict[str, Any]:
        """The user in the path owns the wallet: it receives from a programme and pays in the other two directions."""
        only(fields, "flow_direction", "program_id", "counterparty_id", "amount", "description", "metadata")
        direction = choice(fields, "flow_direction", *_DIRECTIONS)
        counterparty = text(fields, "counterparty_id", pattern=r"\d{1,15}")
        # Chek's document and behaviour disagree about which of the two counts, so both must say the same.
        if text(fields, "program_id", pattern=r"\d{1,15}") != counterparty:
            raise invalid("program_id", "Must equal counterparty_id.")
        metadata = fields.get("metadata")
        if metadata is not None and not isinstance(metadata, dict):
            raise invalid("metadata", "An object is required.")
        amount = cents(fields)
        magic.check_amount(amount)
        own = wallet(self._users.get(user_id)["id"])
        other = (wallet if direction == "wallet_to_wallet" else program)(int(counterparty))
        source, destination = (other, own) if direction == "program_to_wallet" else (own, other)
        description = text(fields, "description", required=False)
        moved = self._wallets.move(source, destination, amount, direction, description=description, metadata=metadata)
        return {
            "source": self._end(source),
            "destination": self._end(destination),
            "transfer": transfer_document(moved),
        }

    def of_card(self, card_id: int, fields: Fields) -> dict[str, Any]:
        """To or from a card, against its owner's wallet or its programme."""
        only(fields, "direction", "funding_method", "amount")
        direction = choice(fields, "direction", "allocate_to_card", "remit_from_card")
        method = choice(fields, "funding_method", "wallet", "program")
        amount = cents(fields)
        magic.check_amount(amount)
        row = self._cards.get(card_id)
        if row["status"] != "Active":
            raise ChekError(400, "card_not_active", "The card is not active.")
        other = wallet(row["user_id"]) if method == "wallet" else program(row["program_id"])
        ends = (other, card(card_id)) if direction == "allocate_to_card" else (card(card_id), other)
        moved = self._wallets.move(*ends, amount, direction)
        return {
            "user": self._users.brief(row["user_id"]),
            "card": card_document(row) | {"balance": self._wallets.balance(card(card_id))},
            "transfer": transfer_document(moved) | {"type": direction},
        }

    def _end(self, holder: Holder) -> dict[str, Any]:
        return {"id": holder.id, "balance": self._wallets.balance(holder), "type": holder.kind}


def transfer_document(transfer: Row) -> dict[str, Any]:
    return {"id": transfer["id"], "amount": transfer["amount"], "created": transfer["created_at"]}
