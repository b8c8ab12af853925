"""People who are made known at Chek: families, and providers with a bank account or a card."""

from collections import Counter
from collections.abc import Iterable

from tests.endurance.chance import Deed
from tests.endurance.scenery import Scenery
from tests.faults.world import World
from tests.flows.childcare.town import ADDRESS
from tests.proof import journal

REFUSED = 12
"""One person of so many is refused by Chek."""
ONCE = ("users.create", "users.create_card")
"""A person has one user, by e-mail, and that user one card."""


async def begin(scenery: Scenery, deed: Deed) -> str:
    """Somebody new: a family, a provider to be paid at the bank, or one with a card."""
    name = f"{deed.which}-{scenery.next_person()}"
    person = {
        "first_name": "Maria",
        "last_name": "Keller" if deed.which % REFUSED else "Refused",
        "email": f"{name}@example.test",
        "phone": "+13035550101",
        "address": ADDRESS,
    }
    body: dict[str, object] = {"person": person}
    if deed.amount % 2:
        family = await scenery.system.post("/v1/families", {"external_id": name, "name": "Keller"})
        body["family_id"] = family["id"]
    else:
        provider = {"external_id": name, "name": "Sunny Days", "kind": "home"}
        body["provider_id"] = (await scenery.system.post("/v1/providers", provider))["id"]
        by_card = {"method": "card", "program_id": scenery.town.program_id}
        body |= by_card if deed.amount % 4 else {"method": "ach"}
    return f"/v1/onboardings/{(await scenery.system.post('/v1/onboardings', body))['id']}"


async def each_once(world: World, users: Iterable[str | None]) -> list[str]:
    """Nobody was made twice, and no two were given the same one of Chek's users."""
    made = Counter(
        (entry["operation"], entry["reference"])
        for entry in await journal(world.system)
        if entry["took_effect"] and entry["operation"] in ONCE
    )
    given = Counter(user for user in users if user is not None)
    wrong = [f"Chek did {what} of {whom} {times} times" for (what, whom), times in made.items() if times > 1]
    return wrong + [f"Chek's user {user} is {times} people" for user, times in given.items() if times > 1]
