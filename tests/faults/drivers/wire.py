"""A wire: a reimbursement whose last step two persons make, at the bank and here."""

from collections import Counter

from tests.faults.drivers.column import BOOK, ByMethod


class Wire(ByMethod):
    """What the bank did of it, its own list of wires says; nothing of it goes over our line."""

    name = "wire-payout"
    operation = BOOK[1]
    kind = "wire"
    finding = "person"
    requests = (BOOK,)
    pays = "wire"

    async def effects_of(self, amount: int) -> Counter[str]:
        """The book transfers, and the wires in the bank's own list."""
        wires = [wire for wire in await self.people.transfers("wire") if not wire["is_incoming"]]
        made = sum(wire["amount"] == amount for wire in wires)
        return await super().effects_of(amount) + Counter({self.pays: made})

    async def send(self, amount: int) -> str:
        """A person sends it in the bank's own pages; the bank's reference."""
        body = {"bank_account_id": "bacc_fs_main", "amount": amount, "description": "by hand"}
        answer = await self.world.system.control.post("/column/wires", json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])
