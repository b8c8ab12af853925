"""Build Server Post requests (gateway contract, sections 1.2 and 1.3). AUTH_GUID is a field of answers only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.money import Money

_NEW_YORK = ZoneInfo("America/New_York")
_FAMILY = {"checking": "CKC", "savings": "CKS"}
_KIND = {"prenote_debit": "0", "prenote_credit": "1", "debit": "2", "credit": "3", "store": "8", "void": "X"}
TERMINAL_KEY = ("cust_nbr", "merch_nbr", "dba_nbr", "terminal_nbr")


def tran_type(account_type: str, kind: str) -> str:
    """The TRAN_TYPE: the family of the account, or of the original for a void or refund."""
    return _FAMILY[account_type] + _KIND[kind]


def batch_of(at: datetime) -> str:
    """The BATCH_ID of what is posted at an instant: the day in New York, at whose end the batch closes."""
    return at.astimezone(_NEW_YORK).strftime("%Y%m%d")


def when_posted(at: datetime) -> dict[str, str]:
    """The fields of the form that say when it is posted."""
    local = at.astimezone(_NEW_YORK)
    return {
        "BATCH_ID": batch_of(at),
        "LOCAL_DATE": local.strftime("%m%d%y"),
        "LOCAL_TIME": local.strftime("%H%M%S"),
    }


def server_post(
    operation: str,
    money: Money,
    terminal: Mapping[Any, Any],
    at: datetime,
    *,
    account: Mapping[str, str] | None = None,
    token: str | None = None,
    sec: str | None = None,
) -> dict[str, str]:
    """The form without TRAN_NBR, which is the call's rail reference.

    `terminal` holds the four-part key under the names of TERMINAL_KEY; exactly one of `account` (ACCOUNT_NBR,
    ROUTING_NBR and names) and `token` (a BRIC or an earlier transaction's GUID) is given. BATCH_ID is the New York date
    of `at`.
    """
    form = {
        **{name.upper(): terminal[name] for name in TERMINAL_KEY},
        "TRAN_TYPE": operation,
        "AMOUNT": money.decimal_text(),
        **when_posted(at),
        "INDUSTRY_TYPE": "E",
        "CARD_ENT_METH": "X" if token is None else "Z",
    }
    if sec is not None:
        form["STD_ENTRY_CLASS"] = sec
    form |= {"ORIG_AUTH_GUID": token} if token is not None else dict(account or {})
    return form
