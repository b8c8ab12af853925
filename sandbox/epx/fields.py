"""The edits on a Server Post's fields (gateway contract, section 1.3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.epx.codes import DeclinedError, invalid
from sandbox.routing_numbers import is_routing_number

FOUR_PART_KEY = ("CUST_NBR", "MERCH_NBR", "DBA_NBR", "TERMINAL_NBR")
PRENOTE_DEBIT, PRENOTE_CREDIT, DEBIT, CREDIT, STORE, VOID = "0", "1", "2", "3", "8", "X"
_TRAN_TYPE = re.compile(r"(CK[CS])([01238X])")
_AMOUNT = re.compile(r"(\d{1,8})\.(\d\d)")
_GUID = re.compile(r"[0-9A-Z]{19}")

# Field -> pattern of the whole value. Every other name in a request is an error of the sender.
_PATTERNS = {
    "TRAN_NBR": r"\d{1,10}",
    "BATCH_ID": r"\d{1,20}",
    "LOCAL_TIME": r"([01]\d|2[0-3])[0-5]\d[0-5]\d",
    "INDUSTRY_TYPE": "E",
    "STD_ENTRY_CLASS": "PPD|CCD|WEB|TEL",
    "RECV_NAME": r"[ -~]{1,22}",
    "FIRST_NAME": r"[ -~]{1,25}",
    "LAST_NAME": r"[ -~]{1,25}",
    "ADDRESS": r"[ -~]{1,30}",
    "CITY": r"[ -~]{1,25}",
    "STATE": r"[ -~]{1,3}",
    "ZIP_CODE": r"[ -~]{1,10}",
    "CHECK_NBR": r"\d{1,15}",
    "ACI_EXT": "RB|RS|IP",  # cards only, yet the real sandbox tolerated it on ACH
}
_CHECKED_APART = {
    *FOUR_PART_KEY,
    "TRAN_TYPE",
    "LOCAL_DATE",
    "AMOUNT",
    "ACCOUNT_NBR",
    "ROUTING_NBR",
    "ORIG_AUTH_GUID",
    "CARD_ENT_METH",
}
_ALWAYS = ("LOCAL_TIME", "INDUSTRY_TYPE")


@dataclass(frozen=True)
class Account:
    family: str  # CKC or CKS
    routing_number: str
    account_number: str


@dataclass(frozen=True)
class ServerPost:
    """A request that passed the edits. ``amount`` is cents; ``source`` is a keyed account or the GUID of a token,
    and for a void always a GUID."""

    family: str
    operation: str
    amount: int
    source: Account | str


def check_reference(form: Mapping[str, str]) -> tuple[str, str]:
    """(TRAN_NBR, BATCH_ID), without which an attempt cannot even be listed. Raises DeclinedError."""
    for field in ("TRAN_NBR", "BATCH_ID"):
        _check(form, field)
    return form["TRAN_NBR"], form["BATCH_ID"]


def check_fields(form: Mapping[str, str]) -> ServerPost:
    """Raises DeclinedError with the first edit that fails."""
    found = _TRAN_TYPE.fullmatch(form.get("TRAN_TYPE", ""))
    if found is None:
        raise DeclinedError("12")
    family, operation = found.groups()
    if "AUTH_GUID" in form:
        raise DeclinedError("EH")  # a field of responses only
    for field in form:
        if field not in _PATTERNS and field not in _CHECKED_APART:
            raise invalid(field, form[field])
        if field in _PATTERNS:
            _check(form, field)
    for field in _ALWAYS:
        _check(form, field)
    _check_date(form)
    orig_guid = _entry_method(form, operation)
    source = _account(form, family) if orig_guid is None else orig_guid
    return ServerPost(family, operation, _amount(form, operation), source)


def amount_in_cents(text: str) -> int | None:
    found = _AMOUNT.fullmatch(text)
    return None if found is None else int(found[1]) * 100 + int(found[2])


def _check(form: Mapping[str, str], field: str) -> None:
    value = form.get(field, "")
    if not re.fullmatch(_PATTERNS[field], value, re.ASCII):
        raise invalid(field, value)


def _check_date(form: Mapping[str, str]) -> None:
    text = form.get("LOCAL_DATE", "")
    try:
        if len(text) != 6:
            raise ValueError(text)
        datetime.strptime(text, "%m%d%y")  # noqa: DTZ007  # a calendar date of the merchant, without a zone
    except ValueError:
        raise DeclinedError("80") from None


def _amount(form: Mapping[str, str], operation: str) -> int:
    if operation == VOID and "AMOUNT" not in form:
        return 0
    cents = amount_in_cents(form.get("AMOUNT", ""))
    if cents is None:
        raise DeclinedError("13")
    moves = operation in (DEBIT, CREDIT)
    if operation != VOID and moves != (cents > 0):
        raise DeclinedError("13")
    return cents


def _entry_method(form: Mapping[str, str], operation: str) -> str | None:
    """The GUID where the request refers to one. X goes with a keyed account, Z with a GUID, never both."""
    guid, keyed = form.get("ORIG_AUTH_GUID"), "ACCOUNT_NBR" in form or "ROUTING_NBR" in form
    if guid is not None and keyed:
        raise DeclinedError("EH")
    if form.get("CARD_ENT_METH") != ("X" if guid is None else "Z"):
        raise DeclinedError("EH")
    if operation == VOID and guid is None:
        raise invalid("ORIG_AUTH_GUID", None)
    if guid is not None and (operation in (PRENOTE_DEBIT, PRENOTE_CREDIT) or not _GUID.fullmatch(guid)):
        raise invalid("ORIG_AUTH_GUID", guid)
    return guid


def _account(form: Mapping[str, str], family: str) -> Account:
    number, routing = form.get("ACCOUNT_NBR", ""), form.get("ROUTING_NBR", "")
    if not 4 <= len(number) <= 19:
        raise DeclinedError("EA", "LENGTH ERROR ACCOUNT_NBR")
    if not re.fullmatch(r"[0-9A-Za-z]+", number):
        raise invalid("ACCOUNT_NBR", number)
    if not re.fullmatch(r"\d{9}", routing, re.ASCII):
        raise invalid("ROUTING_NBR", routing)
    if not is_routing_number(routing):
        raise DeclinedError("78")
    # Required by one version of the contract and optional in another: the strict one shows who relies on the other.
    named = ("RECV_NAME",) if form.get("STD_ENTRY_CLASS") == "CCD" else ("FIRST_NAME", "LAST_NAME")
    for field in named:
        _check(form, field)
    return Account(family, routing, number)
