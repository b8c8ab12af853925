"""What a bank behind EPX can do to an entry, and the gateway's manners."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.books import Row
from sandbox.control.codes import ChangeCode, ReturnCode
from sandbox.control.inside import EpxHere
from sandbox.control.schemas import Body
from sandbox.epx.config import Terminal
from sandbox.epx.partner import Epx
from sandbox.epx.settlement import NotPossibleError

routes = APIRouter(prefix="/epx", tags=["epx"])


class EntryName(Body):
    """An AUTH_GUID, or a batch and a TRAN_NBR."""

    auth_guid: str | None = None
    batch_id: str | None = None
    tran_nbr: str | None = None


class ReturnEntry(EntryName):
    code: ReturnCode
    addenda: str = Field("", max_length=44)
    again: bool = Field(False, description="Tell a second return of an entry that already came back")


class CorrectEntry(EntryName):
    code: ChangeCode
    corrected_data: str | None = Field(None, max_length=29, description="Made up by the code's layout when absent")


class UnmatchedReturn(Body):
    """A return for an entry that the gateway never had."""

    code: ReturnCode
    guid: str = ""
    tran_nbr: str = ""
    batch_id: str = ""
    tran_type: str = ""
    amount: int = Field(0, ge=0)


class Manners(Body):
    refuse_duplicate_tran_nbr: bool | None = None
    protect_void_after_credit: bool | None = None
    latency_ms: int | None = Field(None, ge=0, le=60_000)


class TerminalBody(Body):
    cust_nbr: str
    merch_nbr: str
    dba_nbr: str
    terminal_nbr: str


@contextmanager
def _conflicts() -> Iterator[None]:
    try:
        yield
    except NotPossibleError as error:
        raise HTTPException(409, str(error)) from None


def _named(epx: Epx, name: EntryName) -> Row:
    entry = epx.find_entry(auth_guid=name.auth_guid, batch_id=name.batch_id, tran_nbr=name.tran_nbr)
    if entry is None:
        raise HTTPException(404, "no such entry; name it by auth_guid, or by batch_id and tran_nbr")
    return entry


def _done(epx: Epx, entry_id: int) -> dict[str, Any]:
    return {"id": entry_id, "state": epx.entries.entry(entry_id)["state"]}


@routes.post("/entries/settle")
async def settle(epx: EpxHere, body: EntryName) -> dict[str, Any]:
    entry = _named(epx, body)
    with _conflicts(), epx.books.transaction():
        epx.settlement.settle_now(entry["id"])
    return _done(epx, entry["id"])


@routes.post("/entries/return")
async def send_back(epx: EpxHere, body: ReturnEntry) -> dict[str, Any]:
    entry = _named(epx, body)
    with _conflicts(), epx.books.transaction():
        epx.settlement.return_now(entry["id"], body.code, body.addenda, again=body.again)
    return _done(epx, entry["id"])


@routes.post("/entries/correct")
async def correct(epx: EpxHere, body: CorrectEntry) -> dict[str, Any]:
    entry = _named(epx, body)
    if entry["guid"] is None:
        raise HTTPException(409, "a declined entry is never corrected")
    with epx.books.transaction():
        epx.settlement.correct_now(entry["id"], body.code, body.corrected_data)
    return _done(epx, entry["id"])


@routes.post("/returns/unmatched", status_code=201)
async def unmatched(epx: EpxHere, body: UnmatchedReturn) -> dict[str, str]:
    epx.unmatched_return(body.code, body.model_dump(exclude={"code"}))
    return {"code": body.code}


@routes.post("/terminals", status_code=201)
async def add_terminal(epx: EpxHere, body: TerminalBody) -> dict[str, str]:
    terminal = Terminal(**body.model_dump())
    epx.add_terminal(terminal)
    return {"key": terminal.key}


@routes.patch("/manners")
async def manners(epx: EpxHere, body: Manners) -> dict[str, Any]:
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(epx.config, name, value)
    return {name: getattr(epx.config, name) for name in Manners.model_fields}
