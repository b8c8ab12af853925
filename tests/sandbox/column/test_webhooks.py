"""Signed events, and every trouble that their delivery can make."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.sandbox.column.receiver import Receiver, receiving
from tests.sandbox.column.requests import ACH, BOOK, send
from tests.sandbox.speakers import Control, eventually

pytestmark = pytest.mark.usefixtures("funded")


async def until(receiver: Receiver, count: int) -> None:
    await eventually(lambda: len(receiver.events) >= count)


async def test_every_change_of_a_transfer_is_told_in_order(column: httpx.AsyncClient, control: Control) -> None:
    async with receiving(control) as receiver:
        await until(receiver, 1)
        transfer = (await send(column, "/transfers/ach", ACH, "a", counterparty__account_number="990009002")).json()
        await control.advance(to="2026-11-30T15:00:00Z")  # answers after every due webhook was tried
        assert receiver.types == [
            "wire.incoming_transfer.completed",
            "ach.outgoing_transfer.initiated",
            "ach.outgoing_transfer.submitted",
            "ach.outgoing_transfer.settled",
            "ach.outgoing_transfer.returned",
        ]
        last = receiver.events[-1]
        assert last["id"].startswith("evnt_")
        assert last["created_at"] == "2026-11-25T13:00:00.000000Z"
        assert (last["data"]["id"], last["data"]["status"]) == (transfer["id"], "RETURNED")
        assert last["data"]["return_details"][0]["return_code"] == "R02"


async def test_a_change_notice_is_told(column: httpx.AsyncClient, control: Control) -> None:
    async with receiving(control) as receiver:
        await send(column, "/transfers/ach", ACH, "a", counterparty__account_number="990009101")
        await control.advance(to="2026-11-30T15:00:00Z")
        [noc] = [event for event in receiver.events if event["type"] == "ach.outgoing_transfer.noc"]
        assert noc["data"]["notification_of_change"]["change_code"] == "C01"
        assert noc["data"]["notification_of_change"]["corrected_data"].rstrip() == "990009102"


async def test_a_refused_delivery_is_repeated_with_the_same_id(control: Control) -> None:
    async with receiving(control, retry_ms=5) as receiver:
        await until(receiver, 1)
        receiver.refuse = 3
        await control.post("/column/deposits", bank_account_id="bacc_fs_main", amount=5)
        await until(receiver, 2)
        event = (await control.get("/column/events"))["data"][-1]
        assert (event["id"], event["attempts"], event["state"]) == (receiver.events[-1]["id"], 4, "delivered")


async def test_events_wait_for_an_endpoint_that_is_down(control: Control) -> None:
    await control.put("/column/webhook", url="http://127.0.0.1:9/hook", retry_ms=5)
    await control.post("/column/deposits", bank_account_id="bacc_fs_main", amount=5)
    await asyncio.sleep(0.05)
    async with receiving(control) as receiver:
        await until(receiver, 2)


async def test_held_events_are_delivered_on_release_also_backwards(column: httpx.AsyncClient, control: Control) -> None:
    async with receiving(control) as receiver:
        await until(receiver, 1)
        await control.post("/column/webhooks/hold", hold=True)
        for key in "ab":
            await send(column, "/transfers/ach", ACH, key)
        await control.advance(to="2026-11-23T15:30:00Z")
        assert len(receiver.events) == 1
        assert (await control.post("/column/webhooks/release", order="reversed"))["released"] == 4
        assert [kind.rsplit(".", 1)[1] for kind in receiver.types[1:]] == ["submitted"] * 2 + ["initiated"] * 2


async def test_one_event_is_delivered_again_and_while_the_rest_is_held(control: Control) -> None:
    async with receiving(control) as receiver:
        await control.post("/column/webhooks/hold", hold=True)
        await control.post("/column/deposits", bank_account_id="bacc_fs_main", amount=5)
        event = (await control.get("/column/events"))["data"][-1]
        answers = await control.post(f"/column/events/{event['id']}/deliver", copies=3)
        assert answers["answers"] == ["204"] * 3
        assert [each["id"] for each in receiver.events[-3:]] == [event["id"]] * 3


async def test_a_webhook_may_come_before_the_answer(column: httpx.AsyncClient, control: Control) -> None:
    async with receiving(control, delay_ms=10_000) as receiver:
        await control.fault("column", "webhook_first", operation="ach_transfers.create", delay_ms=50)
        call = asyncio.create_task(send(column, "/transfers/ach", ACH, "a"))
        while "ach.outgoing_transfer.initiated" not in receiver.types:
            assert not call.done()
            await asyncio.sleep(0.005)
        assert not call.done()
        assert (await call).status_code == 200


async def test_a_webhook_usually_comes_after_the_answer(column: httpx.AsyncClient, control: Control) -> None:
    async with receiving(control, delay_ms=100) as receiver:
        await send(column, "/transfers/book", BOOK, "a")
        assert "book.transfer.completed" not in receiver.types
        await until(receiver, 2)


async def test_events_are_listed_for_reconciliation(column: httpx.AsyncClient) -> None:
    await send(column, "/transfers/book", BOOK, "a")
    listed: dict[str, Any] = (await column.get("/events", params={"limit": 1})).json()
    [newest] = listed["events"]
    assert (newest["type"], listed["has_more"]) == ("book.transfer.completed", True)
    assert (await column.get(f"/events/{newest['id']}")).json() == newest
    older = (await column.get("/events", params={"starting_after": newest["id"]})).json()
    assert [event["type"] for event in older["events"]] == ["wire.incoming_transfer.completed"]
