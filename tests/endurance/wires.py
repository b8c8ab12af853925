"""Payouts by wire: their owner sends them at the bank, or finds that it cannot be done, and another confirms."""

from typing import Any

from tests.endurance.chance import Deed
from tests.endurance.scenery import Scenery
from tests.faults.world import World
from tests.system import System

BY_HAND = "by hand"
"""What the persons write as the description, so that the bank's list tells their wires from others."""
NOT_SENT = 5
"""One amount of so many is of an account that the bank does not know."""


async def begin(scenery: Scenery, deed: Deed) -> str:
    """A report that is paid by wire."""
    return f"/v1/reports/{await scenery.people['wire'].approved(deed.amount)}"


def waits(report: dict[str, Any]) -> bool:
    """Whether the task is open."""
    calls = [call for call in report["detail"]["money_calls"] if call["step"] == "payout"]
    return bool(calls) and calls[-1]["state"] == "needs_person"


async def by_two_persons(system: System, path: str, amount: int) -> None:
    """Grace, who approved it, owns the task and says what the bank did; Ada confirms."""
    if amount % NOT_SENT:
        wire = {"bank_account_id": "bacc_fs_main", "amount": amount, "description": BY_HAND}
        sent = await system.control.post("/column/wires", json=wire)
        sent.raise_for_status()
        word, said = "sent", {"bank_reference": sent.json()["id"], "evidence": "The bank's page says executed"}
    else:
        word, said = "refused", {"reason": "The bank does not know the account", "who_must_act": "payee"}
    task = await system.post(f"{path}/wire-{word}", said, client=system.other_operator)
    await system.post(f"{path}/wire-confirm", {"seen": task["money_call"]["proposal"]["seen"]})


async def agree(world: World) -> list[str]:
    """Each wire that we say was sent is in the bank's list, and no other that the persons made."""
    rows = await world.owner.fetch("select rail_id from money_call where rail = 'by_hand' and state = 'applied'")
    ours = sorted(row["rail_id"] for row in rows)
    book = (await world.system.control.get("/books/column")).json()
    theirs = sorted(t["id"] for t in book["transfers"] if t["kind"] == "wire" and t["description"] == BY_HAND)
    return [] if ours == theirs else [f"wires by hand: we say {ours}, the bank {theirs}"]
