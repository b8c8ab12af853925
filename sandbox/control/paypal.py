"""What the world around PayPal can do: top-ups, receivers that claim or do not, fees, and webhooks held back."""

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.column.errors import ColumnError
from sandbox.control.inside import ColumnHere, PayPalHere
from sandbox.control.schemas import Body
from sandbox.paypal.errors import PayPalError

routes = APIRouter(prefix="/paypal", tags=["paypal"])


class TopUp(Body):
    bank_account_id: str
    amount: int = Field(gt=0, description="Cents")


class Payment(Body):
    amount: int = Field(gt=0, description="Cents")


class Become(Body):
    status: str = Field(
        pattern="^[A-Z]{2,20}$", description="`SUCCESS`, `UNCLAIMED`, `FAILED`, … or one never heard of"
    )
    error: str | None = None


class Fee(Body):
    cents: int = Field(ge=0, description="What each item costs that PayPal processes")
    given_back: bool = Field(False, description="Whether it comes back with an item that does")


class Notices(Body):
    url: str | None = None
    hold: bool | None = None


@routes.post("/top-ups", status_code=201)
async def top_up(paypal: PayPalHere, column: ColumnHere, body: TopUp) -> dict[str, Any]:
    """Money goes by wire from a bank account at Column to the PayPal balance."""
    try:
        wire = column.send_wire(body.bank_account_id, body.amount, "PayPal")
    except ColumnError as error:
        raise HTTPException(409, error.document) from None
    column.webhooks.wake()
    with paypal.books.transaction():
        paypal.payouts.top_up(body.amount, "top-up")
    return {"balance": paypal.payouts.balance(), "wire": wire["id"]}


@routes.post("/payments", status_code=201)
async def pay(paypal: PayPalHere, body: Payment) -> dict[str, int]:
    """Somebody pays out of the balance in PayPal's own pages."""
    with paypal.books.transaction():
        paypal.payouts.top_up(-body.amount, "sent by hand")
    return {"balance": paypal.payouts.balance()}


@routes.post("/items/{item_id}/become")
async def become(paypal: PayPalHere, item_id: str, body: Become) -> dict[str, Any]:
    """PayPal, or the receiver, does this with an item now."""
    try:
        with paypal.books.transaction():
            found = paypal.payouts.become(item_id, body.status, body.error)
    except PayPalError as error:
        raise HTTPException(404, error.document) from None
    paypal.webhooks.wake()
    return found


@routes.post("/batches/{batch_id}/deny")
async def deny(paypal: PayPalHere, batch_id: str) -> dict[str, Any]:
    """PayPal denies a whole batch that it has not processed yet."""
    try:
        with paypal.books.transaction():
            found = paypal.payouts.deny(batch_id)
    except PayPalError as error:
        raise HTTPException(404, error.document) from None
    paypal.webhooks.wake()
    return found


@routes.put("/fee")
async def charge(paypal: PayPalHere, body: Fee) -> Fee:
    """What PayPal charges from now on."""
    paypal.config.payout_fee, paypal.config.fee_given_back = body.cents, body.given_back
    return body


@routes.put("/webhook")
async def configure(paypal: PayPalHere, body: Notices) -> dict[str, Any]:
    """Where events go, and whether they are held back; releasing delivers what waited. An empty url stops them."""
    if body.url is not None:
        paypal.config.webhook_url = body.url or None
    if body.hold is not None:
        paypal.config.hold_webhooks = body.hold
        await paypal.webhooks.flush()
    paypal.webhooks.wake()
    return {"url": paypal.config.webhook_url, "hold": paypal.config.hold_webhooks}


@routes.get("/events")
async def events(paypal: PayPalHere) -> dict[str, Any]:
    """With each event's delivery."""
    return {"data": paypal.events.listed()}


@routes.post("/events/{event_id}/deliver")
async def deliver(paypal: PayPalHere, event_id: str) -> dict[str, Any]:
    """Send it now, also again, also while the rest is held back."""
    return {"answers": await paypal.webhooks.deliver(event_id)}


@routes.delete("/tokens", status_code=204)
async def forget_tokens(paypal: PayPalHere) -> None:
    """Every token ends before its time."""
    paypal.access.forget_tokens()
