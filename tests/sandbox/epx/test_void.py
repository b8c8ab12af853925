"""Voids: before origination only, in the original's family, with no protection beyond that."""

from tests.sandbox.speakers import Control, EpxSpeaker


async def test_a_void_takes_the_entry_back(epx: EpxSpeaker, control: Control) -> None:
    debit = await epx.post("CKC2")
    void = await epx.post("CKCX", ORIG_AUTH_GUID=debit["AUTH_GUID"], AMOUNT=None)
    assert (void["AUTH_RESP"], void["AUTH_RESP_TEXT"], void["AUTH_AMOUNT"]) == ("00", "APPROVAL", "0.00")
    assert "AUTH_CODE" not in void
    assert void["ORIG_TRAN_TYPE"] == "CKC2"
    await control.advance(to="2026-12-01T15:00:00Z")
    book = await control.book("epx")
    assert [entry["state"] for entry in book["entries"]] == ["voided", "void"]
    assert book["postings"] == []


async def test_a_second_void_is_answered_already_reversed(epx: EpxSpeaker) -> None:
    debit = await epx.post("CKS2")
    assert (await epx.post("CKSX", ORIG_AUTH_GUID=debit["AUTH_GUID"]))["AUTH_RESP"] == "00"
    assert (await epx.post("CKSX", ORIG_AUTH_GUID=debit["AUTH_GUID"]))["AUTH_RESP"] == "79"


async def test_a_void_of_the_other_family_is_an_invalid_transaction(epx: EpxSpeaker) -> None:
    debit = await epx.post("CKC2")
    assert (await epx.post("CKSX", ORIG_AUTH_GUID=debit["AUTH_GUID"]))["AUTH_RESP"] == "12"


async def test_storage_and_voids_cannot_be_voided(epx: EpxSpeaker) -> None:
    stored, debit = await epx.post("CKC8"), await epx.post("CKC2")
    void = await epx.post("CKCX", ORIG_AUTH_GUID=debit["AUTH_GUID"])
    for guid in (stored["AUTH_GUID"], void["AUTH_GUID"]):
        assert (await epx.post("CKCX", ORIG_AUTH_GUID=guid))["AUTH_RESP"] == "12"


async def test_an_originated_entry_cannot_be_voided(epx: EpxSpeaker, control: Control) -> None:
    debit = await epx.post("CKC2")
    await control.advance(to="2026-11-23T22:00:00Z")
    answer = await epx.post("CKCX", ORIG_AUTH_GUID=debit["AUTH_GUID"])
    assert answer["AUTH_RESP_TEXT"] == "ORIGINAL TRANSACTION ALREADY SETTLED"


async def test_a_partly_credited_debit_can_be_voided_unless_told_otherwise(epx: EpxSpeaker, control: Control) -> None:
    first, second = await epx.post("CKC2"), await epx.post("CKC2")
    for debit in (first, second):
        await epx.post("CKC3", ORIG_AUTH_GUID=debit["AUTH_GUID"], AMOUNT="4.00")
    assert (await epx.post("CKCX", ORIG_AUTH_GUID=first["AUTH_GUID"]))["AUTH_RESP"] == "00"
    await control.client.patch("/epx/manners", json={"protect_void_after_credit": True})
    assert (await epx.post("CKCX", ORIG_AUTH_GUID=second["AUTH_GUID"]))["AUTH_RESP"] == "RR"


async def test_the_amount_of_a_void_is_ignored(epx: EpxSpeaker) -> None:
    debit = await epx.post("CKC2")
    assert (await epx.post("CKCX", ORIG_AUTH_GUID=debit["AUTH_GUID"], AMOUNT="99.00"))["AUTH_RESP"] == "00"
