"""Read an answer of the gateway: RESPONSE > FIELDS > FIELD KEY="NAME". No entities, no network, bounded size."""

import re
from collections.abc import Mapping

from lxml import etree

from domain.money_call import MoneyCall, Outcome
from rails.epx.codes import REFUSED, accepted_codes

LARGEST_ANSWER_BYTES = 64 * 1024
_SECRET = ("ACCOUNT_NBR", "ROUTING_NBR", "FIRST_NAME", "LAST_NAME", "RECV_NAME", "ADDRESS", "CITY", "ZIP_CODE")
# what is kept in the clear as evidence; the whole answer is kept sealed
_SHOWN = frozenset(
    {"AMOUNT", "AUTH_AMOUNT", "AUTH_AMOUNT_REQUESTED", "AUTH_CODE", "AUTH_GUID", "AUTH_RESP", "AUTH_TRAN_DATE_GMT"}
    | {"BATCH_ID", "LOCAL_DATE", "LOCAL_TIME", "NETWORK_RESPONSE", "TRAN_NBR", "TRAN_TYPE"}
)
_LONGEST_SHOWN = 100
_CODE = re.compile(r"[A-Za-z0-9]{1,4}")
_AMOUNTS = ("AUTH_AMOUNT", "AUTH_AMOUNT_REQUESTED", "AMOUNT")
"""What was taken, what was asked for, what we sent, as an answer has them: less taken than asked for is neither."""
_GUID = re.compile(r"[A-Za-z0-9-]{1,40}")
_DIGITS = re.compile(r"\d(?:[ -]?\d){4,}")


class Malformed(ValueError):  # noqa: N818 - a fact about an answer
    """Not an answer that proves anything."""


def read_fields(body: bytes) -> dict[str, str]:
    """All fields, unknown ones too. Raises Malformed."""
    if len(body) > LARGEST_ANSWER_BYTES:
        raise Malformed("the answer is too long")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Malformed("the answer is not XML") from None
    if root.tag != "RESPONSE":
        raise Malformed("the answer is not a RESPONSE")
    fields = {field.get("KEY", ""): field.text or "" for field in root.iterfind("FIELDS/FIELD")}
    if not _CODE.fullmatch(fields.get("AUTH_RESP", "")):
        raise Malformed("the answer has no AUTH_RESP")
    return fields


def _discreet(text: str, form: Mapping[str, str]) -> str:
    """The gateway's text without what we told it about a person, should it repeat that, and without long numbers."""
    for name in _SECRET:
        if form.get(name):
            text = re.sub(re.escape(form[name]), "***", text, flags=re.IGNORECASE)
    return _DIGITS.sub("***", text)


def classify(call: MoneyCall, form: Mapping[str, str], status: int, body: bytes) -> Outcome:
    """What an answer proves: allow-lists only, and only when it echoes our reference and amount."""
    if status != 200:
        return Outcome("unknown", f"http_{status}", "The gateway answered with an HTTP error.", response=body)
    try:
        fields = read_fields(body)
    except Malformed as error:
        return Outcome("unknown", "malformed_answer", str(error), response=body)
    code = fields["AUTH_RESP"]
    text = _discreet(fields.get("AUTH_RESP_TEXT", ""), form)[:200]
    if any(fields.get(name) != form[name] for name in ("TRAN_NBR", "BATCH_ID")):
        return Outcome("unknown", "other_reference", "The answer is about another request.", response=body)
    seen = {key: value[:_LONGEST_SHOWN] for key, value in fields.items() if key in _SHOWN}
    if code in accepted_codes(call.operation):
        if not _amount_agrees(call, fields):
            return Outcome("unknown", "other_amount", "The gateway took another amount.", evidence=seen, response=body)
        named = fields.get("AUTH_GUID", "")
        guid = named if _GUID.fullmatch(named) else None
        if guid is None and not call.operation.endswith("X"):
            return Outcome("unknown", "no_guid", "The gateway gave no AUTH_GUID.", evidence=seen, response=body)
        return Outcome("applied", code, text, rail_id=guid, evidence=seen, response=body)
    if code in REFUSED:
        return Outcome("refused", code, text, must_act=REFUSED[code], evidence=seen, response=body)
    return Outcome("unknown", code, text, evidence=seen, response=body)


def _amount_agrees(call: MoneyCall, fields: Mapping[str, str]) -> bool:
    """Every amount in an acceptance is the one that was asked for; in that of a void it may be 0.00 as well."""
    void = call.operation.endswith("X")
    told = [fields[name] for name in _AMOUNTS if fields.get(name)]
    if not told:
        return void or call.money.minor_units == 0
    allowed = {call.money.decimal_text()} | ({"0.00"} if void else set())
    return allowed.issuperset(told)
