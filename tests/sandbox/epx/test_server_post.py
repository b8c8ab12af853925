"""The wire contract of Server Post, field by field."""

import pytest

from tests.sandbox.speakers import KEYED, TERMINAL, Control, EpxSpeaker


async def test_an_accepted_debit_answers_all_response_fields(epx: EpxSpeaker) -> None:
    answer = await epx.post("CKC2", AMOUNT="12.34", STD_ENTRY_CLASS="WEB")
    assert answer["AUTH_RESP"] == "00"
    assert answer["AUTH_RESP_TEXT"] == f"ACCEPTED {answer['AUTH_CODE']}"
    assert len(answer["AUTH_GUID"]) == 19
    assert len(answer["AUTH_CODE"]) == 6
    assert answer["AUTH_CODE"].isdigit()
    assert answer["AUTH_CARD_TYPE"] == "L"
    assert (answer["AUTH_AMOUNT"], answer["AUTH_AMOUNT_REQUESTED"]) == ("12.34", "12.34")
    assert answer["AUTH_CURRENCY_CODE"] == "840"
    assert answer["AUTH_TRAN_DATE_GMT"].startswith("11/23/2026 03:00:0")
    assert answer["AUTH_TRAN_DATE_GMT"].endswith(" PM")
    assert answer["AUTH_MASKED_ACCOUNT_NBR"] == "*****6789"
    assert answer["MSG_VERSION"] == "003"
    assert {name: answer[name] for name in TERMINAL} == TERMINAL
    assert (answer["TRAN_NBR"], answer["BATCH_ID"], answer["TRAN_TYPE"]) == ("1", "20261123", "CKC2")


async def test_the_account_number_is_never_echoed(epx: EpxSpeaker) -> None:
    response = await epx.client.post("/", data=epx.form("CKC2"))
    assert "123456789" not in response.text


@pytest.mark.parametrize("tran_type", ["CKC0", "CKC1", "CKC2", "CKC3", "CKS0", "CKS1", "CKS2", "CKS3"])
async def test_entries_of_both_families_are_accepted(tran_type: str, epx: EpxSpeaker) -> None:
    assert (await epx.post(tran_type))["AUTH_RESP"] == "00"


@pytest.mark.parametrize("family", ["CKC", "CKS"])
async def test_a_stored_account_is_debited_and_credited_by_its_token(family: str, epx: EpxSpeaker) -> None:
    stored = await epx.post(f"{family}8")
    assert stored["AUTH_RESP"] == "85"
    for operation in "23":
        answer = await epx.post(f"{family}{operation}", ORIG_AUTH_GUID=stored["AUTH_GUID"])
        assert answer["AUTH_RESP"] == "00"
        assert answer["AUTH_MASKED_ACCOUNT_NBR"].endswith("6789")
        assert answer["AUTH_GUID"] != stored["AUTH_GUID"]


async def test_a_token_of_the_other_family_is_declined(epx: EpxSpeaker) -> None:
    checking, savings = await epx.post("CKC8"), await epx.post("CKS8")
    assert (await epx.post("CKS2", ORIG_AUTH_GUID=checking["AUTH_GUID"]))["AUTH_RESP"] == "53"
    assert (await epx.post("CKC2", ORIG_AUTH_GUID=savings["AUTH_GUID"]))["AUTH_RESP"] == "52"


async def test_storage_is_made_from_a_prenotes_financial_token(epx: EpxSpeaker) -> None:
    prenote = await epx.post("CKC0")
    stored = await epx.post("CKC8", ORIG_AUTH_GUID=prenote["AUTH_GUID"])
    assert (stored["AUTH_RESP"], stored["ORIG_TRAN_TYPE"]) == ("85", "CKC0")
    assert (await epx.post("CKC2", ORIG_AUTH_GUID=stored["AUTH_GUID"]))["AUTH_RESP"] == "00"


async def test_a_refund_names_the_debit(epx: EpxSpeaker) -> None:
    debit = await epx.post("CKC2")
    refund = await epx.post("CKC3", ORIG_AUTH_GUID=debit["AUTH_GUID"], AMOUNT="4.00")
    assert (refund["AUTH_RESP"], refund["ORIG_TRAN_TYPE"]) == ("00", "CKC2")


async def test_a_financial_token_dies_after_about_thirteen_months_and_a_storage_token_never(
    epx: EpxSpeaker, control: Control
) -> None:
    debit, stored = await epx.post("CKC2"), await epx.post("CKC8")
    await control.advance(to="2027-12-28T15:00:00Z")
    later = {"BATCH_ID": "20271228"}
    assert (await epx.post("CKC2", ORIG_AUTH_GUID=debit["AUTH_GUID"], **later))["AUTH_RESP"] == "RR"
    assert (await epx.post("CKC2", ORIG_AUTH_GUID=stored["AUTH_GUID"], **later))["AUTH_RESP"] == "00"


async def test_another_merchants_token_is_unknown(epx: EpxSpeaker) -> None:
    stored = await epx.post("CKC8")
    other = await epx.post("CKC2", ORIG_AUTH_GUID=stored["AUTH_GUID"], MERCH_NBR="700020")
    assert other["AUTH_RESP"] == "RR"


GUID = "09AAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    ("tran_type", "changes", "code", "text"),
    [
        ("CKC2", {"TERMINAL_NBR": "9"}, "03", "TERMINAL"),
        ("CKC2", {"CUST_NBR": None}, "03", "TERMINAL"),
        ("CKC5", {}, "12", "INVALID TRANSACTION"),
        ("CCE1", {}, "12", "INVALID TRANSACTION"),
        ("CKC2", {"TRAN_NBR": "12345678901"}, "RR", "Invalid TRAN_NBR"),
        ("CKC2", {"TRAN_NBR": "12a"}, "RR", "Invalid TRAN_NBR"),
        ("CKC2", {"TRAN_NBR": None}, "RR", "Invalid TRAN_NBR"),
        ("CKC2", {"BATCH_ID": "5e0b6a8e-0000-4000-8000-000000000000"}, "RR", "Invalid BATCH_ID[36]"),
        ("CKC2", {"AUTH_GUID": GUID}, "EH", "ENTRY METHOD"),
        ("CKC2", {"RECEIVER_NAME": "Ada"}, "RR", "Invalid RECEIVER_NAME"),
        ("CKC2", {"LOCAL_DATE": "20261123"}, "80", "DATE"),
        ("CKC2", {"LOCAL_DATE": "133126"}, "80", "DATE"),
        ("CKC2", {"LOCAL_TIME": "250000"}, "RR", "Invalid LOCAL_TIME"),
        ("CKC2", {"INDUSTRY_TYPE": None}, "RR", "Invalid INDUSTRY_TYPE"),
        ("CKC2", {"STD_ENTRY_CLASS": "XXX"}, "RR", "Invalid STD_ENTRY_CLASS"),
        ("CKC2", {"AMOUNT": "10"}, "13", "AMOUNT"),
        ("CKC2", {"AMOUNT": "10.0"}, "13", "AMOUNT"),
        ("CKC2", {"AMOUNT": "-1.00"}, "13", "AMOUNT"),
        ("CKC2", {"AMOUNT": "0.00"}, "13", "AMOUNT"),
        ("CKC0", {"AMOUNT": "1.00"}, "13", "AMOUNT"),
        ("CKC8", {"AMOUNT": "1.00"}, "13", "AMOUNT"),
        ("CKC2", {"ACCOUNT_NBR": "123"}, "EA", "LENGTH"),
        ("CKC2", {"ACCOUNT_NBR": "1" * 20}, "EA", "LENGTH"),
        ("CKC2", {"ACCOUNT_NBR": "1234 567"}, "RR", "Invalid ACCOUNT_NBR"),
        ("CKC2", {"ROUTING_NBR": "011000016"}, "78", "ROUTING"),
        ("CKC2", {"ROUTING_NBR": "000000000"}, "78", "ROUTING"),
        ("CKC2", {"ROUTING_NBR": "01100001"}, "RR", "Invalid ROUTING_NBR"),
        ("CKC2", {"LAST_NAME": None}, "RR", "Invalid LAST_NAME"),
        ("CKC2", {"FIRST_NAME": "x" * 26}, "RR", "Invalid FIRST_NAME[26]"),
        ("CKC2", {"RECV_NAME": "x" * 23}, "RR", "Invalid RECV_NAME"),
        ("CKC2", {"STD_ENTRY_CLASS": "CCD"}, "RR", "Invalid RECV_NAME"),
        ("CKC2", {"CARD_ENT_METH": "Z"}, "EH", "ENTRY METHOD"),
        ("CKC2", {"CARD_ENT_METH": "E"}, "EH", "ENTRY METHOD"),
        ("CKC2", {"ORIG_AUTH_GUID": GUID, "CARD_ENT_METH": "X"}, "EH", "ENTRY METHOD"),
        ("CKC2", {"ORIG_AUTH_GUID": GUID, **KEYED, "CARD_ENT_METH": "Z"}, "EH", "ENTRY METHOD"),
        ("CKC2", {"ORIG_AUTH_GUID": GUID}, "RR", "Invalid ORIG_AUTH_GUID"),
        ("CKC0", {"ORIG_AUTH_GUID": GUID}, "RR", "Invalid ORIG_AUTH_GUID"),
        ("CKC2", {"ORIG_AUTH_GUID": "short"}, "RR", "Invalid ORIG_AUTH_GUID"),
        ("CKCX", {"CARD_ENT_METH": "X"}, "RR", "Invalid ORIG_AUTH_GUID"),
    ],
)
async def test_bad_fields_are_named_in_the_answer(
    tran_type: str, changes: dict[str, str | None], code: str, text: str, epx: EpxSpeaker, control: Control
) -> None:
    answer = await epx.post(tran_type, **changes)
    assert answer["AUTH_RESP"] == code
    assert text in answer["AUTH_RESP_TEXT"]
    assert "AUTH_GUID" not in answer
    assert [entry["took_effect"] for entry in await control.journal()] == [False]


async def test_a_company_entry_names_the_receiving_company(epx: EpxSpeaker) -> None:
    answer = await epx.post("CKC2", STD_ENTRY_CLASS="CCD", RECV_NAME="ACME", FIRST_NAME=None, LAST_NAME=None)
    assert answer["AUTH_RESP"] == "00"


async def test_a_body_that_is_no_form_is_still_answered_200(epx: EpxSpeaker) -> None:
    for body, kind in (
        (b"{}", "application/json"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"TRAN_TYPE=CKC2&TRAN_TYPE=CKC3", "application/x-www-form-urlencoded"),
        (b"A=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
    ):
        response = await epx.client.post("/", content=body, headers={"content-type": kind})
        assert (response.status_code, "Invalid" in response.text) == (200, True)


async def test_there_is_no_inquiry(epx: EpxSpeaker, control: Control) -> None:
    assert (await epx.client.get("/", params={"TRAN_NBR": "1"})).status_code == 404
    assert [entry["operation"] for entry in await control.journal()] == ["unknown"]


async def test_duplicate_numbers_are_accepted_unless_told_otherwise(epx: EpxSpeaker, control: Control) -> None:
    form = epx.form("CKC2")
    first, second = await epx.send(form), await epx.send(form)
    assert (first["AUTH_RESP"], second["AUTH_RESP"]) == ("00", "00")
    assert first["AUTH_GUID"] != second["AUTH_GUID"]
    await control.client.patch("/epx/manners", json={"refuse_duplicate_tran_nbr": True})
    assert (await epx.send(form))["AUTH_RESP_TEXT"] == "DUPLICATE TRAN_NBR"


async def test_markup_in_a_field_cannot_break_the_answer(epx: EpxSpeaker) -> None:
    answer = await epx.post("CKC2", FIRST_NAME='<a b="c">&')
    assert answer["FIRST_NAME"] == '<a b="c">&'


async def test_a_new_terminal_is_served_at_once(epx: EpxSpeaker, control: Control) -> None:
    assert (await epx.post("CKC2", MERCH_NBR="700030"))["AUTH_RESP"] == "03"
    await control.post("/epx/terminals", cust_nbr="7000", merch_nbr="700030", dba_nbr="1", terminal_nbr="1")
    assert (await epx.post("CKC2", MERCH_NBR="700030"))["AUTH_RESP"] == "00"
