"""Issued checks."""

from typing import Any

import httpx
import pytest

from tests.sandbox.column.receiver import receiving
from tests.sandbox.column.requests import CHECK, balances, send
from tests.sandbox.speakers import Control

pytestmark = pytest.mark.usefixtures("funded")


async def issue(column: httpx.AsyncClient, **changes: str | None) -> dict[str, Any]:
    response = await send(column, "/transfers/checks/issue", CHECK, "chk_1", **changes)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


async def status(column: httpx.AsyncClient, check: dict[str, Any]) -> str:
    found: str = (await column.get(f"/transfers/checks/{check['id']}")).json()["status"]
    return found


async def test_a_check_takes_the_money_when_it_is_cashed(column: httpx.AsyncClient, control: Control) -> None:
    async with receiving(control) as receiver:
        check = await issue(column)
        assert (check["status"], await balances(column)) == ("ISSUED", (100_000, 0))
        await control.advance(to="2026-12-02T16:00:00Z")
        assert (await status(column, check), await balances(column)) == ("SETTLED", (97_000, 0))
        told = ("issued", "delivery_status_updated", "settled")
        assert receiver.types[-3:] == [f"check.incoming_debit.{what}" for what in told]


async def test_a_stopped_check_is_never_paid(column: httpx.AsyncClient, control: Control) -> None:
    check = await issue(column)
    stopped = await send(column, f"/transfers/checks/{check['id']}/stop-payment", {"reason": "lost"}, "stop_1")
    assert stopped.json()["status"] == "STOPPED"
    await control.advance(to="2026-12-15T16:00:00Z")
    assert (await status(column, check), await balances(column)) == ("STOPPED", (100_000, 0))


async def test_a_cashed_check_cannot_be_stopped(column: httpx.AsyncClient, control: Control) -> None:
    check = await issue(column)
    await control.post(f"/column/checks/{check['id']}/cash")
    refused = await send(column, f"/transfers/checks/{check['id']}/stop-payment", {}, "stop_1")
    assert refused.json()["code"] == "check_transfer_invalid_status"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"payee_name": "Never Cashes"}, "ISSUED"),
        ({"payee_name": "Rejected Check"}, "REJECTED"),
        ({"positive_pay_amount": "100001"}, "REJECTED"),
    ],
)
async def test_some_checks_are_not_paid(
    changes: dict[str, str], expected: str, column: httpx.AsyncClient, control: Control
) -> None:
    check = await issue(column, **changes)
    await control.advance(to="2027-06-15T16:00:00Z")
    assert (await status(column, check), await balances(column)) == (expected, (100_000, 0))


@pytest.mark.parametrize(
    "changes",
    [
        {"mail_check_request__memo": "x" * 41},
        {"payee_name": "x" * 251},
        {"mail_check_request__payee_address__line_1": "x" * 51},
        {"mail_check_request__payee_address__state": "Colorado"},
        {"mail_check_request__payee_address__postal_code": "802"},
        {"positive_pay_amount": "0"},
    ],
)
async def test_bad_fields_are_refused(changes: dict[str, str], column: httpx.AsyncClient) -> None:
    response = await send(column, "/transfers/checks/issue", CHECK, "chk_1", **changes)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
