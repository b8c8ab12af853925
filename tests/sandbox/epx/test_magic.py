"""Magic amounts and accounts at the gateway, as docs/sandbox.md lists them."""

import time

import pytest

from tests.sandbox.speakers import Control, EpxSpeaker


@pytest.mark.parametrize(
    ("amount", "code"),
    [("1.05", "05"), ("1.14", "14"), ("1.51", "51"), ("1.54", "54"), ("1.61", "61"), ("1.65", "65"), ("1.78", "78")],
)
async def test_an_amount_declines(amount: str, code: str, epx: EpxSpeaker) -> None:
    assert (await epx.post("CKC2", AMOUNT=amount))["AUTH_RESP"] == code
    assert (await epx.post("CKS3", AMOUNT=amount))["AUTH_RESP"] == code


@pytest.mark.parametrize(
    ("amount", "code", "kept"),
    [("1.06", "06", 0), ("1.91", "91", 0), ("1.96", "96", 0), ("2.06", "06", 1), ("2.91", "91", 1), ("2.96", "96", 1)],
)
async def test_a_system_error_tells_nothing_about_what_was_kept(
    amount: str, code: str, kept: int, epx: EpxSpeaker, control: Control
) -> None:
    answer = await epx.post("CKC2", AMOUNT=amount)
    assert answer["AUTH_RESP"] == code
    assert "AUTH_GUID" not in answer
    entries = (await control.book("epx"))["entries"]
    assert [entry["state"] for entry in entries] == ["accepted"] * kept
    report = (await epx.download("/reports/700010/20261123.csv")).text
    assert f",CKC2,{amount},00," in report if kept else ",CKC2," not in report


@pytest.mark.parametrize("code", ["05", "14", "51", "61"])
async def test_an_account_declines(code: str, epx: EpxSpeaker) -> None:
    for tran_type in ("CKC0", "CKC8", "CKC2"):
        assert (await epx.post(tran_type, ACCOUNT_NBR=f"9900094{code}"))["AUTH_RESP"] == code


async def test_an_account_is_slow(epx: EpxSpeaker) -> None:
    began = time.monotonic()
    assert (await epx.post("CKC2", ACCOUNT_NBR="990009702"))["AUTH_RESP"] == "00"
    assert time.monotonic() - began >= 0.2


async def test_ordinary_accounts_are_never_magic(epx: EpxSpeaker) -> None:
    for account in ("9003", "99009003", "123459003", "99000900"):
        assert (await epx.post("CKC2", ACCOUNT_NBR=account))["AUTH_RESP"] == "00"
