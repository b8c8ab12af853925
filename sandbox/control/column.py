"""What the world around Column can do: deposits, returns, reviews, and every trouble with webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.column.config import BankAccount
from sandbox.column.errors import ColumnError
from sandbox.column.partner import Column
from sandbox.control.codes import ChangeCode, ReturnCode
from sandbox.control.schemas import Body


class Deposit(Body):
    bank_account_id: str
    amount: int = Field(gt=0, description="Cents")
    description: str = ""


class NewBankAccount(Body):
    id: str = Field(pattern=r"^bacc_\w+$")
    account_number_id: str = Field(pattern=r"^acno_\w+$")
    description: str = ""


class Webhook(Body):
    """What is absent stays as it is; an empty url stops delivery."""

    url: str | None = None
    secret: str | None = None
    delay_ms: int | None = Field(None, ge=0)
    retry_ms: int | None = Field(None, ge=1)


class Hold(Body):
    hold: bool


class Release(Body):
    order: Literal["created", "reversed"] = "created"


class Deliver(Body):
    copies: int = Field(1, ge=1, le=10)


class IncomingTransfer(Body):
    bank_account_id: str
    type: Literal["CREDIT", "DEBIT"]
    amount: int = Field(gt=0, description="Cents")
    description: str = ""


class ReturnTransfer(Body):
    code: ReturnCode


class ChangeTransfer(Body):
    code: ChangeCode


def router(column: Column) -> APIRouter:
    routes = APIRouter(prefix="/column", tags=["column"])
    _money(routes, column)
    _webhooks(routes, column)
    return routes


@contextmanager
def _refusals(column: Column) -> Iterator[None]:
    """Act in one transaction; Column's own refusal becomes the control server's."""
    try:
        with column.books.transaction():
            yield
    except ColumnError as error:
        raise HTTPException(404 if error.status == 404 else 409, error.document) from None
    column.webhooks.wake()


def _money(routes: APIRouter, column: Column) -> None:
    @routes.post("/bank-accounts", status_code=201)
    async def open_account(body: NewBankAccount) -> dict[str, Any]:
        column.open_account(BankAccount(body.id, body.account_number_id, body.description))
        return column.accounts.document(body.id)

    @routes.post("/deposits", status_code=201)
    async def deposit(body: Deposit) -> dict[str, Any]:
        """An incoming wire."""
        with _refusals(column):
            return column.deposit(body.bank_account_id, body.amount, body.description)

    @routes.post("/ach/incoming", status_code=201)
    async def incoming(body: IncomingTransfer) -> dict[str, Any]:
        """Somebody sends money to an account, or takes it out of it."""
        with _refusals(column):
            return column.incoming_ach.receive(body.bank_account_id, body.type, body.amount, body.description)

    @routes.post("/checks/{check_id}/cash")
    async def cash(check_id: str) -> dict[str, Any]:
        with _refusals(column):
            column.checks.cash(check_id)
            return column.transfers.get("check", check_id)

    @routes.post("/checks/{check_id}/reject")
    async def reject(check_id: str) -> dict[str, Any]:
        with _refusals(column):
            column.checks.reject(check_id)
            return column.transfers.get("check", check_id)

    @routes.post("/ach/{transfer_id}/settle")
    async def settle(transfer_id: str) -> dict[str, Any]:
        with _refusals(column):
            return column.ach_network.settle_now(transfer_id)

    @routes.post("/ach/{transfer_id}/return")
    async def send_back(transfer_id: str, body: ReturnTransfer) -> dict[str, Any]:
        with _refusals(column):
            return column.ach_network.come_back(transfer_id, body.code)

    @routes.post("/ach/{transfer_id}/correct")
    async def correct(transfer_id: str, body: ChangeTransfer) -> dict[str, Any]:
        with _refusals(column):
            return column.ach_network.change(transfer_id, body.code)

    @routes.post("/ach/{transfer_id}/approve")
    async def approve(transfer_id: str) -> dict[str, Any]:
        """Let a transfer out of manual review."""
        with _refusals(column):
            return column.ach_network.approve(transfer_id)

    @routes.post("/ach/{transfer_id}/cancel")
    async def cancel(transfer_id: str) -> dict[str, Any]:
        """The bank itself cancels what it has not submitted."""
        with _refusals(column):
            return column.ach_network.cancel(transfer_id)


def _webhooks(routes: APIRouter, column: Column) -> None:
    @routes.put("/webhook")
    async def configure(body: Webhook) -> dict[str, Any]:
        given = body.model_dump(exclude_none=True)
        for name, value in given.items():
            setattr(column.config, f"webhook_{name}", value or None if name == "url" else value)
        column.webhooks.wake()
        return {"url": column.config.webhook_url, "delay_ms": column.config.webhook_delay_ms}

    @routes.post("/webhooks/hold")
    async def hold(body: Hold) -> dict[str, bool]:
        """Keep events back, or go on delivering them in order."""
        column.config.hold_webhooks = body.hold
        column.webhooks.wake()
        return {"hold": column.config.hold_webhooks}

    @routes.post("/webhooks/release")
    async def release(body: Release) -> dict[str, int]:
        """Deliver what was held back, each once before this answers, and hold nothing any more."""
        column.config.hold_webhooks = False
        waiting = len(column.events.pending())
        await column.webhooks.flush(reverse=body.order == "reversed")
        column.webhooks.wake()
        return {"released": waiting}

    @routes.get("/events")
    async def events(after: int = 0, limit: int = 1000) -> dict[str, Any]:
        """With each event's delivery. ``after`` is the number of the last one already seen."""
        return {"data": column.events.listed(after, limit)}

    @routes.post("/events/{event_id}/deliver")
    async def deliver(event_id: str, body: Deliver) -> dict[str, Any]:
        """Send it now, also again, also while the rest is held back: duplicates and any order."""
        try:
            return {"answers": await column.webhooks.deliver(event_id, body.copies)}
        except ColumnError as error:
            raise HTTPException(404, error.document) from None
