"""The gateway is away for longer than a day: what was recorded and not sent goes out as it must be on the day it is."""

from domain.calendar import new_york_date
from tests.flows.ach import ACCOUNT, NUMBER, debited, merchant, stored_account
from tests.flows.ach_operations import ask, book, entry
from tests.proof import prove
from tests.system import System


async def away(system: System, operation: str) -> None:
    """Nobody answers this kind of request."""
    fault = {"partner": "epx", "operation": operation, "kind": "refuse_connection", "count": None}
    (await system.control.post("/faults", json=fault)).raise_for_status()


async def todays_batch(system: System) -> str:
    """BATCH_ID of what is posted now."""
    async with system.house.database.across_organizations(actor="test") as uow:
        return new_york_date(await uow.business_now()).strftime("%Y%m%d")


async def test_a_debit_goes_into_the_batch_of_the_day_it_is_sent_on_and_by_the_token_of_that_day(
    system: System,
) -> None:
    account = await stored_account(system, await merchant(system))
    before = await debited(system, account["id"])
    await away(system, "CKC2")
    body = {"account_id": account["id"], "amount": 7_500, "currency": "USD"}
    waiting = (await ask(system, "/v1/ach-debits", body)).json()
    waiting = await entry(system, "ach-debits", waiting, "submitting")

    await system.advance_clock(days=1)
    told = {"code": "C01", "auth_guid": before["auth_guid"], "corrected_data": "123456780", "return_date": "2027-03-01"}
    await system.post("/v1/ach-returns", told, wait=10)
    changes = f"/v1/ach-account-changes?account_id={account['id']}"
    await system.until(changes, lambda seen: [row["state"] for row in seen["data"]] == ["pending"])
    await system.control.delete("/faults")

    sent = await entry(system, "ach-debits", waiting, "accepted")
    assert sent["batch_id"] == await todays_batch(system) != waiting["batch_id"]
    first, second = await book(system, "2")
    assert (second["tran_nbr"], second["batch_id"]) == (sent["tran_nbr"], sent["batch_id"])
    assert (first["last_four"], second["last_four"]) == ("6789", "6780")
    *withdrawn, taken = sent["detail"]["money_calls"]
    assert {(call["state"], call["code"], call["times_sent"]) for call in withdrawn} == {("refused", "cancelled", 0)}
    assert (taken["state"], taken["times_sent"]) == ("applied", 1)
    await prove(system)


async def test_an_account_is_stored_though_the_gateway_was_away_overnight(system: System) -> None:
    merchant_id = await merchant(system)
    await away(system, "CKC0")
    body = {"merchant_id": merchant_id, "customer_id": "customer-1", "account_number": NUMBER, **ACCOUNT}
    waiting = (await ask(system, "/v1/ach-accounts", body)).json()
    path = f"/v1/ach-accounts/{waiting['id']}"
    await system.until(path, lambda seen: bool(seen["detail"]["money_calls"]))

    await system.advance_clock(days=1)
    await system.control.delete("/faults")

    await system.until(path, lambda seen: seen["state"] == "stored")
    assert [taken["batch_id"] for taken in await book(system, "0")] == [await todays_batch(system)]
