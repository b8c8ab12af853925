"""What happens to accepted entries over banking days, and what the feeds tell about it."""

import csv
import io

import pytest

from tests.sandbox.speakers import Control, EpxSpeaker


async def feed(epx: EpxSpeaker, name: str, since: str = "") -> list[dict[str, str]]:
    response = await epx.download(f"/feeds/{name}.csv", since=since)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.text)))


async def states(control: Control) -> list[str]:
    return [entry["state"] for entry in (await control.book("epx"))["entries"]]


async def balance(control: Control) -> int:
    merchant = (await control.book("epx"))["merchants"][0]
    settled: int = merchant["settled_net"]
    return settled


async def test_an_entry_originates_at_the_cut_off_and_settles_on_the_next_banking_day(
    epx: EpxSpeaker, control: Control
) -> None:
    await epx.post("CKC2", AMOUNT="10.00")
    await control.advance(to="2026-11-23T21:59:59Z")
    assert await states(control) == ["accepted"]
    await control.advance(to="2026-11-23T22:00:00Z")
    assert await states(control) == ["originated"]
    await control.advance(to="2026-11-24T13:30:00Z")
    assert await states(control) == ["settled"]
    assert await balance(control) == 1000
    [originated, settled] = await feed(epx, "settlements")
    assert (originated["EVENT"], settled["EVENT"]) == ("originated", "settled")
    assert (settled["TRAN_NBR"], settled["AMOUNT"], settled["SETTLEMENT_DATE"]) == ("1", "10.00", "2026-11-24")


async def test_an_entry_after_the_cut_off_waits_over_the_holiday(epx: EpxSpeaker, control: Control) -> None:
    await control.advance(to="2026-11-25T23:00:00Z")  # Wednesday evening before Thanksgiving
    await epx.post("CKC2", BATCH_ID="20261125")
    await control.advance(to="2026-11-27T21:59:00Z")
    assert await states(control) == ["accepted"]
    await control.advance(to="2026-11-27T22:00:00Z")
    assert (await control.book("epx"))["entries"][0]["settlement_date"] == "2026-11-30"


async def test_credits_and_returns_move_the_merchants_account(epx: EpxSpeaker, control: Control) -> None:
    debit = await epx.post("CKC2", AMOUNT="10.00")
    await epx.post("CKC3", AMOUNT="4.00")
    await control.advance(to="2026-11-24T14:00:00Z")
    assert await balance(control) == 600
    await control.post("/epx/entries/return", auth_guid=debit["AUTH_GUID"], code="R01")
    assert await balance(control) == -400


@pytest.mark.parametrize(
    ("account", "tran_type", "kind", "code", "date"),
    [
        ("990009001", "CKC2", "return", "R01", "2026-11-27"),
        ("990009003", "CKC0", "return", "R03", "2026-11-27"),
        ("990009003", "CKC3", "return", "R03", "2026-11-27"),
        ("990009010", "CKC2", "return", "R10", "2027-01-21"),  # 58 days after 2026-11-24
        ("990009101", "CKC0", "noc", "C01", "2026-11-27"),
        ("990009202", "CKC2", "return", "R02", "2026-11-27"),
        ("990009304", "CKS1", "return", "R04", "2026-11-27"),
        ("990009602", "CKC2", "noc", "C02", "2026-11-27"),
    ],
)
async def test_a_magic_account_brings_a_return_or_a_change(
    account: str, tran_type: str, kind: str, code: str, date: str, epx: EpxSpeaker, control: Control
) -> None:
    answer = await epx.post(tran_type, ACCOUNT_NBR=account)
    await control.advance(to="2027-03-01T00:00:00Z")
    [event] = await feed(epx, "returns")
    assert (event["KIND"], event["RETURN_CODE"], event["RETURN_DATE"]) == (kind, code, date)
    assert (event["AUTH_GUID"], event["TRAN_TYPE"]) == (answer["AUTH_GUID"], tran_type)
    assert event["RETURN_REASON"]
    assert await states(control) == ["returned" if kind == "return" else "settled"]


@pytest.mark.parametrize(
    ("account", "tran_type"),
    [("990009001", "CKC0"), ("990009202", "CKC0"), ("990009304", "CKC2"), ("990009602", "CKC0")],
)
async def test_a_magic_account_stays_clean_where_its_code_makes_no_sense(
    account: str, tran_type: str, epx: EpxSpeaker, control: Control
) -> None:
    await epx.post(tran_type, ACCOUNT_NBR=account)
    await control.advance(to="2027-03-01T00:00:00Z")
    assert await feed(epx, "returns") == []


async def test_an_account_that_bounces_once_pays_the_second_time(epx: EpxSpeaker, control: Control) -> None:
    await epx.post("CKC2", ACCOUNT_NBR="990009501")
    await control.advance(to="2026-11-30T15:00:00Z")
    await epx.post("CKC2", ACCOUNT_NBR="990009501", BATCH_ID="20261130")
    await control.advance(to="2026-12-15T15:00:00Z")
    assert await states(control) == ["returned", "settled"]


async def test_a_tokenised_entry_behaves_as_its_account(epx: EpxSpeaker, control: Control) -> None:
    stored = await epx.post("CKC8", ACCOUNT_NBR="990009002")
    await epx.post("CKC2", ORIG_AUTH_GUID=stored["AUTH_GUID"])
    await control.advance(to="2026-12-15T15:00:00Z")
    assert [event["RETURN_CODE"] for event in await feed(epx, "returns")] == ["R02"]


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        ("C01", "123456780" + " " * 20),
        ("C02", "011000015" + " " * 20),
        ("C03", "011000015   123456780" + " " * 8),
        ("C05", "32" + " " * 27),
        ("C06", "123456780" + " " * 8 + "   32" + " " * 7),
        ("C07", "011000015123456780" + " " * 8 + "32 "),
    ],
)
async def test_a_correction_is_laid_out_by_its_code(code: str, columns: str, epx: EpxSpeaker, control: Control) -> None:
    debit = await epx.post("CKC2")
    await control.post("/epx/entries/correct", auth_guid=debit["AUTH_GUID"], code=code)
    [event] = await feed(epx, "returns")
    assert event["CORRECTED_DATA"] == columns
    assert await states(control) == ["accepted"]  # a change never fails the entry


async def test_feeds_go_on_after_the_last_event_seen_and_ids_are_stable(epx: EpxSpeaker, control: Control) -> None:
    first, second = await epx.post("CKC2"), await epx.post("CKC2")
    await control.post("/epx/entries/return", auth_guid=first["AUTH_GUID"], code="R02")
    [seen] = await feed(epx, "returns")
    assert await feed(epx, "returns", since=seen["EVENT_ID"]) == []
    await control.post("/epx/entries/return", batch_id="20261123", tran_nbr="2", code="R16")
    [later] = await feed(epx, "returns", since=seen["EVENT_ID"])
    assert later["AUTH_GUID"] == second["AUTH_GUID"]
    assert (await feed(epx, "returns"))[0]["EVENT_ID"] == seen["EVENT_ID"]
    assert (await epx.download("/feeds/returns.csv", since="E00")).status_code == 400


async def test_control_settles_and_returns_only_what_can_be(epx: EpxSpeaker, control: Control) -> None:
    debit = await epx.post("CKC2")
    name = {"auth_guid": debit["AUTH_GUID"]}
    assert (await control.post("/epx/entries/settle", **name))["state"] == "settled"
    assert (await control.client.post("/epx/entries/settle", json=name)).status_code == 409
    assert (await control.post("/epx/entries/return", code="R01", **name))["state"] == "returned"
    again = {"code": "R01", **name}
    assert (await control.client.post("/epx/entries/return", json=again)).status_code == 409
    await control.post("/epx/entries/return", again=True, **again)
    assert await balance(control) == 0
    assert len(await feed(epx, "returns")) == 2
    assert (await control.client.post("/epx/entries/return", json={"code": "R01"})).status_code == 404


async def test_an_entry_that_came_back_before_it_settled_moves_no_money(epx: EpxSpeaker, control: Control) -> None:
    debit = await epx.post("CKC2")
    await control.post("/epx/entries/return", auth_guid=debit["AUTH_GUID"], code="R13")
    await control.advance(to="2026-12-01T15:00:00Z")
    assert (await states(control), await balance(control)) == (["returned"], 0)


async def test_a_return_of_an_entry_that_never_was(epx: EpxSpeaker, control: Control) -> None:
    await control.post("/epx/returns/unmatched", code="R02", tran_nbr="999", batch_id="20261101", amount=1234)
    [event] = await feed(epx, "returns")
    assert (event["TRAN_NBR"], event["AMOUNT"], event["RETURN_CODE"]) == ("999", "12.34", "R02")


async def test_one_leap_settles_exactly_like_many_small_steps(epx: EpxSpeaker, control: Control) -> None:
    for account in ("123456789", "990009001", "990009010", "990009102"):
        await epx.post("CKC2", ACCOUNT_NBR=account)
    await control.advance(to="2027-03-01T00:00:00Z")
    leap = [(event["RETURN_CODE"], event["RETURN_DATE"]) for event in await feed(epx, "returns")]
    assert leap == [("R01", "2026-11-27"), ("C02", "2026-11-27"), ("R10", "2027-01-21")]
