"""A void that cannot reach the gateway before the debit goes out says so, and leaves the debit to be refunded."""

from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import ask, book, entry, refund
from tests.proof import prove
from tests.system import System


async def test_a_void_that_is_not_delivered_before_the_cut_off_is_taken_back_and_a_person_is_told(
    system: System,
) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"])
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKCX", "kind": "refuse_connection"})
    asked = (await ask(system, f"/v1/ach-debits/{debit['id']}/void", {"reason": "entered twice"})).json()
    waiting = await entry(system, "ach-voids", asked, "submitting")
    assert waiting["status"] == "pending"

    await system.advance_clock(days=5)
    late = await entry(system, "ach-voids", asked, "canceled")
    assert (late["status"], late["code"], late["who_must_act"]) == ("failed", "void_not_delivered", "operator")
    assert [case["kind"] for case in late["detail"]["cases"]] == ["void_not_delivered"]
    assert await book(system, "X") == [], "nothing left the house"

    await system.control.delete("/faults")
    debit = await entry(system, "ach-debits", debit, "settled")
    assert debit["refundable_amount"] == 15_000
    assert (await refund(system, debit["id"], 15_000)).json()["status"] == "approved"
    await prove(system)
