"""What persons, banks and shops around Chek can do: fund, finish a bank setup, spend, return."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.chek.config import Program
from sandbox.chek.errors import ChekError
from sandbox.chek.partner import Chek
from sandbox.chek.wallets import OUTSIDE, Holder
from sandbox.control.codes import ReturnCode
from sandbox.control.inside import ChekHere
from sandbox.control.schemas import Body

routes = APIRouter(prefix="/chek", tags=["chek"])


class NewProgram(Body):
    id: int = Field(gt=0)
    name: str = Field(min_length=1)
    balance: int = Field(0, ge=0, description="Cents")


class ProgramBalance(Body):
    balance: int = Field(ge=0, description="Cents")


class DirectPayStatus(Body):
    status: Literal["Active", "Inactive"]
    bank_name: str = "SANDBOX BANK"
    last4: str = Field("6789", pattern=r"^\d{4}$")


class CardStatus(Body):
    status: Literal["Active", "Inactive", "Pending"]


class End(Body):
    kind: Literal["program", "wallet", "card", "outside"]
    id: int = 0

    def holder(self) -> Holder:
        return OUTSIDE if self.kind == "outside" else Holder(self.kind, self.id)


class Movement(Body):
    """Money that somebody else moved: a purchase by card, a correction by staff."""

    source: End
    destination: End
    amount: int = Field(gt=0, description="Cents")
    description: str = ""


class PayoutReturn(Body):
    code: ReturnCode


class ChekManners(Body):
    email_filter_works: bool | None = None
    email_filter_is_blind: bool | None = None
    refuse_duplicate_email: bool | None = None


@contextmanager
def _refusals(chek: Chek) -> Iterator[None]:
    try:
        with chek.books.transaction():
            yield
    except ChekError as error:
        raise HTTPException(404 if error.status == 404 else 409, error.document) from None


@routes.put("/users/{user_id}/directpay")
async def set_direct_pay(chek: ChekHere, user_id: int, body: DirectPayStatus) -> dict[str, Any]:
    """The invited person finished the bank setup, or the account was closed."""
    with _refusals(chek):
        chek.direct_pay.set_status(user_id, body.status, body.bank_name, body.last4)
        return chek.users.document(chek.users.get(user_id))


@routes.put("/cards/{card_id}")
async def set_card(chek: ChekHere, card_id: int, body: CardStatus) -> dict[str, Any]:
    with _refusals(chek):
        chek.cards.set_status(card_id, body.status)
        return chek.cards.document(card_id)


@routes.patch("/manners")
async def manners(chek: ChekHere, body: ChekManners) -> dict[str, Any]:
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(chek.config, name, value)
    return {name: getattr(chek.config, name) for name in ChekManners.model_fields}


@routes.post("/programs", status_code=201)
async def open_program(chek: ChekHere, body: NewProgram) -> dict[str, Any]:
    with _refusals(chek):
        chek.programs.open(Program(body.id, body.name, body.balance))
        return chek.programs.document(chek.programs.get(body.id))


@routes.put("/programs/{program_id}/balance")
async def set_balance(chek: ChekHere, program_id: int, body: ProgramBalance) -> dict[str, Any]:
    with _refusals(chek):
        chek.programs.set_balance(program_id, body.balance)
        return chek.programs.document(chek.programs.get(program_id))


@routes.post("/movements", status_code=201)
async def move(chek: ChekHere, body: Movement) -> dict[str, Any]:
    with _refusals(chek):
        moved = chek.wallets.move(
            body.source.holder(),
            body.destination.holder(),
            body.amount,
            "moved by others",
            description=body.description,
        )
    return {"id": moved["id"], "amount": moved["amount"]}


@routes.post("/payments/{payment_id}/settle")
async def settle(chek: ChekHere, payment_id: str) -> dict[str, Any]:
    with _refusals(chek):
        chek.direct_pay.settle(payment_id)
        return chek.direct_pay.payment(payment_id)


@routes.post("/payments/{payment_id}/return")
async def send_back(chek: ChekHere, payment_id: str, body: PayoutReturn) -> dict[str, Any]:
    with _refusals(chek):
        chek.direct_pay.come_back(payment_id, body.code)
        return chek.direct_pay.payment(payment_id)
