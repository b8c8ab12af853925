"""Every other call of the gateway under the same faults: money at most once, and what is harmless sent again."""

from typing import Any

import pytest

from cli.embedded.postgres import EmbeddedPostgres
from cli.embedded.temporal import EmbeddedTemporal
from tests.faults.cells import CELLS
from tests.faults.drivers.epx_family import CheckingRefund, CheckingVoid, SavingsDebit, SavingsPayout, SavingsVoid
from tests.faults.play import play
from tests.faults.world import open_world
from tests.flows.ach import NUMBER, merchant, stored_account
from tests.proof import prove

DRIVERS = (CheckingVoid, SavingsVoid, CheckingRefund, SavingsPayout, SavingsDebit)
REPRESENTATIVE = frozenset(
    {"undisturbed", "cut_before_processing", "cut_after_processing", "late_answer", "wrong_reference_echoed"}
)
SAVINGS: dict[str, Any] = {"number": "987654321", "account_type": "savings"}
HARMLESS = {
    "CKC0": {},
    "CKC1": {"prenote_direction": "credit"},
    "CKC8": {},
    "CKS0": SAVINGS,
    "CKS1": SAVINGS | {"prenote_direction": "credit"},
    "CKS8": SAVINGS,
}


async def test_money_goes_at_most_once_whatever_call_is_disturbed(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal
) -> None:
    cells = [cell for cell in CELLS if cell.name in REPRESENTATIVE]
    async with open_world(migrated, temporal.address, epx={"inquiry_source": "report_file"}) as world:
        played = await play(world, [driver(world) for driver in DRIVERS], cells)
    for seen in played.values():
        assert seen.rested in seen.cell.rests(seen.driver), seen
        assert seen.ended == seen.cell.ends(seen.driver), seen
        assert (seen.effects, seen.sends) == (1 if seen.ended == "done" else 0, 1), seen


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
async def test_prenotes_and_tokens_are_sent_again_under_a_new_number(
    migrated: EmbeddedPostgres, temporal: EmbeddedTemporal, kind: str
) -> None:
    async with open_world(migrated, temporal.address) as world:
        owner = await merchant(world.system)
        for number, (operation, how) in enumerate(HARMLESS.items()):
            await world.fault("epx", operation, kind, count=1)
            asked = {"number": NUMBER, **how, "customer_id": f"customer-{number}"}
            account = await stored_account(world.system, owner, **asked)
            path = f"/v1/ach-accounts/{account['id']}"
            account = await world.system.until(path, lambda seen: seen["state"] == "stored")
            sends = {call["operation"]: call["times_sent"] for call in account["detail"]["money_calls"]}
            assert sends.pop(operation) == 2, sends
            assert set(sends.values()) == {1}
        await prove(world.system)
