"""Virtual cards."""

from typing import Any

from sandbox.books import Books, Row
from sandbox.chek import magic
from sandbox.chek.body import Fields, cents, choice, number, only
from sandbox.chek.errors import ChekError, not_found
from sandbox.chek.programs import Programs
from sandbox.chek.users import Users, card_document
from sandbox.chek.wallets import Wallets, card, program, wallet
from sandbox.clock import BusinessClock, instant_text

_FIRST_CARD = 30001


class Cards:
    def __init__(
        self, books: Books, clock: BusinessClock, *, wallets: Wallets, users: Users, programs: Programs
    ) -> None:
        self._books = books
        self._clock = clock
        self._wallets = wallets
        self._users = users
        self._programs = programs

    def create(self, user_id: int, fields: Fields) -> dict[str, Any]:
        """A new card, with money on it unless the amount is zero. Asked twice, there are two."""
        only(fields, "program_id", "funding_method", "amount")
        method = choice(fields, "funding_method", "wallet_balance", "program_balance")
        amount = cents(fields, zero_allowed=True)
        magic.check_amount(amount)
        user = self._users.get(user_id)
        owner = self._programs.get(number(fields, "program_id"))
        card_id = max(_FIRST_CARD, (self._books.value("SELECT max(id) FROM cards") or 0) + 1)
        row = {
            "id": card_id,
            "user_id": user_id,
            "program_id": owner["id"],
            "last4": f"{card_id % 10_000:04d}",
            "status": magic.card_status(user["last_name"]),
            "created_at": instant_text(self._clock.now()),
        }
        self._books.insert("cards", row)
        self._wallets.open(card(card_id))
        document = {"program": {"id": owner["id"], "name": owner["name"]}, "card": card_document(row)}
        if amount:
            source = wallet(user_id) if method == "wallet_balance" else program(owner["id"])
            moved = self._wallets.move(source, card(card_id), amount, "create_card")
            document["transfer"] = {"id": moved["id"], "amount": amount, "created": moved["created_at"]}
        return {"user": self._users.brief(user_id)} | document

    def get(self, card_id: int) -> Row:
        found = self._books.row("SELECT * FROM cards WHERE id = ?", (card_id,))
        if found is None:
            raise not_found()
        return found

    def document(self, card_id: int) -> dict[str, Any]:
        """The card by itself: its id is a number here, and its balance is not told."""
        row = self.get(card_id)
        return {
            "id": row["id"],
            "created_at": row["created_at"],
            "card_type": "virtual",
            "status": row["status"],
            "tag": None,
            "preset": None,
            "last4": row["last4"],
            "program": row["program_id"],
            "card_art": {},
            "metafields": [],
        }

    def set_status(self, card_id: int, status: str) -> None:
        self.get(card_id)
        if status not in ("Active", "Inactive", "Pending"):
            raise ChekError(400, "invalid_status", "Not a status of cards.")
        self._books.execute("UPDATE cards SET status = ? WHERE id = ?", (status, card_id))
