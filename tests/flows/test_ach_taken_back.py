"""What waits for a gateway that is away is not sent once it is not allowed any more."""

from tests.flows.ach import merchant, stored_account
from tests.flows.ach_operations import ask, book, come_back, entry, settled_debit
from tests.proof import prove
from tests.system import System


async def test_entries_that_wait_for_the_gateway_are_taken_back_when_a_return_disables_the_account(
    system: System,
) -> None:
    account = await stored_account(system, await merchant(system))
    first = await settled_debit(system, account["id"])
    for operation in ("CKC2", "CKC3"):
        await system.control.post(
            "/faults", json={"partner": "epx", "operation": operation, "kind": "refuse_connection"}
        )
    money = {"account_id": account["id"], "amount": 500, "currency": "USD"}
    debit = (await ask(system, "/v1/ach-debits", money)).json()
    payout = (await ask(system, "/v1/ach-credits", money)).json()
    await entry(system, "ach-debits", debit, "submitting")
    await entry(system, "ach-credits", payout, "submitting")

    # the gateway's feed is away as well: the bank telephones, and an operator tells it
    await come_back(system, first, "R10")
    told = {"code": "R10", "auth_guid": first["auth_guid"], "return_date": first["business_date"]}
    await system.post("/v1/ach-returns", told, wait=10)
    for kind, made in (("ach-debits", debit), ("ach-credits", payout)):
        back = await entry(system, kind, made, "canceled")
        assert (back["code"], back["who_must_act"], back["status"]) == ("account_disabled", "payee", "failed")
    await system.control.delete("/faults")
    await system.advance_clock(days=3)
    assert len(await book(system, "2")) == 1
    assert await book(system, "3") == []
    await prove(system)
