"""The daily report: what is listed, and when its silence proves something."""

import csv
import io

from tests.sandbox.speakers import Control, EpxSpeaker


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_the_report_lists_accepted_and_declined_attempts_in_order(epx: EpxSpeaker) -> None:
    accepted = await epx.post("CKC2", AMOUNT="12.34")
    await epx.post("CKC2", AMOUNT="1.51")
    await epx.post("CKC2", ROUTING_NBR="011000016")
    response = await epx.download("/reports/700010/20261123.csv")
    assert response.headers["X-Batch-Closed"] == "false"
    *entries, trailer = lines(response.text)
    assert [(e["TRAN_NBR"], e["TRAN_TYPE"], e["AMOUNT"], e["AUTH_RESP"], e["AUTH_GUID"]) for e in entries] == [
        ("1", "CKC2", "12.34", "00", accepted["AUTH_GUID"]),
        ("2", "CKC2", "1.51", "51", ""),
        ("3", "CKC2", "10.00", "78", ""),
    ]
    assert all(entry["BATCH_ID"] == "20261123" for entry in entries)
    assert entries[0]["RECEIVED_AT"].startswith("2026-11-23T15:00:0")
    assert list(trailer.values())[:5] == ["TRAILER", "20261123", "3", "12.34", "OPEN"]


async def test_a_terminals_report_is_its_own(epx: EpxSpeaker, control: Control) -> None:
    await control.post("/epx/terminals", cust_nbr="7000", merch_nbr="700010", dba_nbr="1", terminal_nbr="2")
    await epx.post("CKC2")
    await epx.post("CKC2", TERMINAL_NBR="2")
    merchant = lines((await epx.download("/reports/700010/20261123.csv")).text)
    terminal = lines((await epx.download("/reports/7000-700010-1-2/20261123.csv")).text)
    assert (len(merchant), len(terminal)) == (3, 2)
    assert lines((await epx.download("/reports/700020/20261123.csv")).text)[0]["TRAN_NBR"] == "20261123"  # trailer only


async def test_a_batch_closes_at_midnight_in_new_york_and_then_takes_nothing_more(
    epx: EpxSpeaker, control: Control
) -> None:
    await control.advance(to="2026-11-24T04:59:58Z")
    assert (await epx.post("CKC2"))["AUTH_RESP"] == "00"
    await control.advance(to="2026-11-24T05:00:00Z")
    response = await epx.download("/reports/700010/20261123.csv")
    assert response.headers["X-Batch-Closed"] == "true"
    assert response.text.splitlines()[-1].endswith("CLOSED")
    assert (await epx.post("CKC2"))["AUTH_RESP"] == "BD"
    assert (await epx.download("/reports/700010/20261123.csv")).text == response.text


async def test_a_batch_number_that_is_no_date_belongs_to_the_day_of_its_first_use(
    epx: EpxSpeaker, control: Control
) -> None:
    assert (await epx.post("CKC2", BATCH_ID="7"))["AUTH_RESP"] == "00"
    await control.advance(to="2026-11-24T15:00:00Z")
    assert (await epx.post("CKC2", BATCH_ID="7"))["AUTH_RESP"] == "BD"


async def test_an_unused_batch_has_an_empty_report_that_proves_absence_once_closed(
    epx: EpxSpeaker, control: Control
) -> None:
    [trailer] = lines((await epx.download("/reports/700010/20261120.csv")).text)
    assert list(trailer.values())[:5] == ["TRAILER", "20261120", "0", "0.00", "CLOSED"]


async def test_downloads_need_the_key_and_a_known_merchant(epx: EpxSpeaker) -> None:
    assert (await epx.download("/reports/700010/20261123.csv", key="wrong")).status_code == 401
    assert (await epx.download("/feeds/returns.csv", key="")).status_code == 401
    assert (await epx.download("/reports/999999/20261123.csv")).status_code == 404
