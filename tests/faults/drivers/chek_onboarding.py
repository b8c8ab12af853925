"""Chek: a person who is made a user. No money moves, and there must never be two; Chek's own list is the evidence."""

from typing import Any
from uuid import UUID

import asyncpg

from tests.faults.drivers.chek import ChekPayment
from tests.faults.world import World
from tests.flows.childcare.town import ADDRESS


class ChekUser(ChekPayment):
    """A family each. Its e-mail is made of the amount, which moves nothing here."""

    name = "chek-user"
    operation = "users.create"
    step = "create_user"
    done = frozenset({"onboarded"})
    undone = frozenset({"stopped"})
    refused_amount = 66_600

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._onboardings: dict[int, UUID] = {}

    async def ready(self, amount: int) -> None:
        """A family without a wallet."""
        body = {"external_id": f"family-{amount}", "name": "Keller"}
        self.subjects[amount] = (await self.world.system.post("/v1/families", body))["id"]

    async def start(self, amount: int) -> str:
        """Onboard it."""
        last_name = "Refused" if amount == self.refused_amount else "Keller"
        person = {"first_name": "Maria", "last_name": last_name, "email": _email(amount), "phone": "+13035550101"}
        body = {"family_id": self.subjects[amount], "person": {**person, "address": ADDRESS}}
        onboarding = await self.world.system.post("/v1/onboardings", body)
        self._onboardings[amount] = UUID(hex=onboarding["id"].removeprefix("onb_"))
        return f"/v1/onboardings/{onboarding['id']}"

    def match(self, amount: int) -> dict[str, Any]:
        """The e-mail is what the sandbox knows the call by."""
        return {"reference": _email(amount)}

    async def call(self, amount: int) -> "asyncpg.Record | None":
        """The last try."""
        return await self.world.owner.fetchrow(
            "select * from money_call where flow_id = $1 order by recorded_at desc limit 1",
            self._onboardings.get(amount),
        )

    async def received(self, amount: int) -> list[dict[str, Any]]:
        """What the partner's journal has of this e-mail."""
        return await self.world.received_as(self.partner, self.operation, _email(amount))


def _email(amount: int) -> str:
    return f"person{amount}@example.test"
