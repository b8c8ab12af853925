"""Server Post: one request in, one set of response fields out, and what it does to the gateway's books."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.books import Row
from sandbox.clock import BusinessClock
from sandbox.epx import magic
from sandbox.epx.codes import SYSTEM_ERRORS, TEXTS, DeclinedError, invalid
from sandbox.epx.config import EpxConfig
from sandbox.epx.entries import Entries
from sandbox.epx.fields import (
    CREDIT,
    DEBIT,
    FOUR_PART_KEY,
    STORE,
    VOID,
    Account,
    ServerPost,
    amount_in_cents,
    check_fields,
    check_reference,
)
from sandbox.epx.settlement import Settlement

FINANCIAL_BRIC_LIFE = timedelta(days=395)  # about thirteen months


@dataclass(frozen=True)
class Result:
    """``guid`` and ``account`` are None for a decline; ``took_effect`` says whether the books changed for money."""

    code: str
    text: str
    guid: str | None = None
    account: Account | None = None
    amount: int = 0
    orig_tran_type: str | None = None
    took_effect: bool = False
    delay_ms: int = 0


class Gateway:
    def __init__(self, entries: Entries, settlement: Settlement, config: EpxConfig, clock: BusinessClock) -> None:
        self._entries = entries
        self._settlement = settlement
        self._config = config
        self._clock = clock

    def post(self, form: Mapping[str, str]) -> Result:
        """Never raises for a bad request: the gateway says everything in AUTH_RESP."""
        with self._entries.books.transaction():
            try:
                terminal = self._terminal(form)
                tran_nbr, batch_id = check_reference(form)
                if self._entries.is_closed(terminal["merch_nbr"], batch_id):
                    raise DeclinedError("BD")
            except DeclinedError as declined:
                return Result(declined.code, declined.text)
            return self._listed(form, terminal, tran_nbr, batch_id)

    def _terminal(self, form: Mapping[str, str]) -> Row:
        terminal = self._entries.terminal("-".join(form.get(part, "") for part in FOUR_PART_KEY))
        if terminal is None:
            raise DeclinedError("03")
        return terminal

    def _listed(self, form: Mapping[str, str], terminal: Row, tran_nbr: str, batch_id: str) -> Result:
        """From here on the attempt shows on the daily report, also when it is declined."""
        row = {
            "terminal": terminal["key"],
            "tran_nbr": tran_nbr,
            "batch_id": batch_id,
            "tran_type": form.get("TRAN_TYPE", "")[:4],
            "amount": amount_in_cents(form.get("AMOUNT", "")) or 0,
            "orig_guid": form.get("ORIG_AUTH_GUID"),
        }
        try:
            if self._config.refuse_duplicate_tran_nbr and self._entries.tran_nbr_used(
                terminal["key"], batch_id, tran_nbr
            ):
                raise DeclinedError("RR", "DUPLICATE TRAN_NBR")
            post = check_fields(form)
            if post.operation == VOID:
                result = self._void(post, form["ORIG_AUTH_GUID"], terminal)
            else:
                result = self._take(post, terminal)
        except DeclinedError as declined:
            if declined.code in SYSTEM_ERRORS:
                return Result(declined.code, declined.text)
            result = Result(declined.code, declined.text)
        state = _state(post.operation) if result.took_effect else "declined"
        kept = result.took_effect and result.code in SYSTEM_ERRORS  # listed as what it became, not as what was said
        shown = ("00", TEXTS["00"]) if kept else (result.code, result.text)
        entry = self._entries.add(
            {**row, "guid": result.guid, "auth_resp": shown[0], "auth_text": shown[1], "state": state}
        )
        self._entries.use_batch(terminal["merch_nbr"], batch_id)
        if state == "accepted":
            self._settlement.accepted(entry)
        return result

    def _take(self, post: ServerPost, terminal: Row) -> Result:
        """Prenote, debit, credit or storage."""
        merch_nbr, orig_tran_type = terminal["merch_nbr"], None
        if isinstance(post.source, Account):
            account = post.source
        else:
            account = self._tokenised(post, post.source, merch_nbr)
            original = self._entries.by_guid(post.source)
            orig_tran_type = original["tran_type"] if original else None
        behaviour = magic.account_behaviour(account.account_number)
        code = behaviour.decline or (magic.amount_decline(post.amount) if post.operation in (DEBIT, CREDIT) else None)
        if code is not None:
            raise DeclinedError(code, TEXTS.get(code, "DECLINED"))
        error = magic.amount_error(post.amount)
        if behaviour.system_error is not None:
            error = (behaviour.system_error, behaviour.error_is_kept)
        if error is not None and not error[1]:
            raise DeclinedError(error[0])
        guid = self._entries.new_guid(merch_nbr, account, "storage" if post.operation == STORE else "financial")
        code = error[0] if error else "85" if post.operation == STORE else "00"
        return Result(
            code, TEXTS[code], guid, account, post.amount, orig_tran_type, took_effect=True, delay_ms=behaviour.delay_ms
        )

    def _tokenised(self, post: ServerPost, guid: str, merch_nbr: str) -> Account:
        """The account behind a GUID, as this merchant may use it now."""
        bric = self._entries.bric(merch_nbr, guid)
        if bric is None:
            raise invalid("ORIG_AUTH_GUID", guid)
        expired = datetime.fromisoformat(bric["created_at"]) + FINANCIAL_BRIC_LIFE < self._clock.now()
        if bric["kind"] == "financial" and expired:
            raise invalid("ORIG_AUTH_GUID", guid)
        if post.operation == STORE and bric["kind"] == "storage":
            raise invalid("ORIG_AUTH_GUID", guid)  # storage is made from an account or a transaction
        if bric["family"] != post.family:
            raise DeclinedError("52" if post.family == "CKC" else "53")
        return Account(bric["family"], bric["routing_number"], bric["account_number"])

    def _void(self, post: ServerPost, guid: str, terminal: Row) -> Result:
        """Takes an entry back before it is originated. The amount is ignored, as the real gateway does."""
        original = self._entries.by_guid(guid)
        if original is None or self._entries.bric(terminal["merch_nbr"], guid) is None:
            raise invalid("ORIG_AUTH_GUID", guid)
        if original["state"] == "voided":
            raise DeclinedError("79")
        if original["state"] in ("stored", "void") or original["tran_type"][:3] != post.family:
            raise DeclinedError("12")
        if original["state"] != "accepted":
            raise DeclinedError("RR", "ORIGINAL TRANSACTION ALREADY SETTLED")
        if self._config.protect_void_after_credit and self._entries.credited_back(guid):
            raise DeclinedError("RR", "ORIGINAL TRANSACTION HAS CREDITS")
        self._entries.set_state(original["id"], "voided")
        self._settlement.withdrawn(original["id"])
        account = self._entries.account_of(guid)
        own_guid = self._entries.new_guid(terminal["merch_nbr"], account, "financial")
        return Result("00", "APPROVAL", own_guid, account, 0, original["tran_type"], took_effect=True)


def _state(operation: str) -> str:
    return {STORE: "stored", VOID: "void"}.get(operation, "accepted")
