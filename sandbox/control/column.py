"""What the world around Column can do: deposits, wires, returns, reviews, checks that are cashed or lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.column.config import BankAccount
from sandbox.column.errors import ColumnError
from sandbox.column.partner import Column
from sandbox.control.codes import ChangeCode, ReturnCode
from sandbox.control.inside import ColumnHere
from sandbox.control.schemas import Body

routes = APIRouter(prefix="/column", tags=["column"])


class Deposit(Body):
    bank_account_id: str
    amount: int = Field(gt=0, description="Cents")
    description: str = ""


class SentWire(Deposit):
    kind: Literal["wire", "international_wire", "realtime"] = "wire"


class NewBankAccount(Body):
    id: str = Field(pattern=r"^bacc_\w+$")
    account_number_id: str = Field(pattern=r"^acno_\w+$")
    description: str = ""


class IncomingTransfer(Body):
    bank_account_id: str
    type: Literal["CREDIT", "DEBIT"]
    amount: int = Field(gt=0, description="Cents")
    description: str = ""


class ReturnTransfer(Body):
    code: ReturnCode


class ChangeTransfer(Body):
    code: ChangeCode


@contextmanager
def _refusals(column: Column) -> Iterator[None]:
    """Act in one transaction; Column's own refusal becomes the control server's."""
    try:
        with column.books.transaction():
            yield
    except ColumnError as error:
        raise HTTPException(404 if error.status == 404 else 409, error.document) from None
    column.webhooks.wake()


@routes.post("/bank-accounts", status_code=201)
async def open_account(column: ColumnHere, body: NewBankAccount) -> dict[str, Any]:
    column.open_account(BankAccount(body.id, body.account_number_id, body.description))
    return column.accounts.document(body.id)


@routes.post("/deposits", status_code=201)
async def deposit(column: ColumnHere, body: Deposit) -> dict[str, Any]:
    """An incoming wire."""
    with _refusals(column):
        return column.deposit(body.bank_account_id, body.amount, body.description)


@routes.post("/ach/incoming", status_code=201)
async def incoming(column: ColumnHere, body: IncomingTransfer) -> dict[str, Any]:
    """Somebody sends money to an account, or takes it out of it."""
    with _refusals(column):
        return column.incoming_ach.receive(body.bank_account_id, body.type, body.amount, body.description)


@routes.post("/checks/{check_id}/{what}")
async def to_check(
    column: ColumnHere, check_id: str, what: Literal["mail", "cash", "reject", "come-back", "return"]
) -> dict[str, Any]:
    """The post takes it or gives it back, somebody cashes it, the bank rejects it, or returns it once it is cashed."""
    checks = column.checks
    acts = {
        "mail": checks.mail,
        "cash": checks.cash,
        "reject": checks.reject,
        "come-back": checks.come_back,
        "return": checks.give_back,
    }
    with _refusals(column):
        acts[what](check_id)
        return column.transfers.get("check", check_id)


@routes.post("/wires", status_code=201)
async def send_wire(column: ColumnHere, body: SentWire) -> dict[str, Any]:
    """A person sends a wire in the bank's own pages."""
    with _refusals(column):
        return column.send_wire(body.bank_account_id, body.amount, body.description, body.kind)


@routes.post("/ach/{transfer_id}/settle")
async def settle(column: ColumnHere, transfer_id: str) -> dict[str, Any]:
    with _refusals(column):
        return column.ach_network.settle_now(transfer_id)


@routes.post("/ach/{transfer_id}/return")
async def send_back(column: ColumnHere, transfer_id: str, body: ReturnTransfer) -> dict[str, Any]:
    with _refusals(column):
        return column.ach_network.come_back(transfer_id, body.code)


@routes.post("/ach/{transfer_id}/correct")
async def correct(column: ColumnHere, transfer_id: str, body: ChangeTransfer) -> dict[str, Any]:
    with _refusals(column):
        return column.ach_network.change(transfer_id, body.code)


@routes.post("/ach/{transfer_id}/approve")
async def approve(column: ColumnHere, transfer_id: str) -> dict[str, Any]:
    """Let a transfer out of manual review."""
    with _refusals(column):
        return column.ach_network.approve(transfer_id)


@routes.post("/ach/{transfer_id}/cancel")
async def cancel(column: ColumnHere, transfer_id: str) -> dict[str, Any]:
    """The bank itself cancels what it has not submitted."""
    with _refusals(column):
        return column.ach_network.cancel(transfer_id)
