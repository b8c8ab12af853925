"""The control server describes itself, and its page for people leaves nothing out."""

import re
from pathlib import Path

import httpx
import pytest

from sandbox.faults import KINDS
from sandbox.runner import SandboxRunner
from tests.sandbox.speakers import Control, EpxSpeaker

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_kind_of_fault(kind: str) -> None:
    assert f"`{kind}`" in PAGE


async def test_the_page_shows_every_control_route(control: Control) -> None:
    paths = (await control.get("/openapi.json"))["paths"]
    assert len(paths) > 30
    for path in paths:
        literal = re.sub(r"\{\w+\}", "*", path).split("*")
        assert all(part.strip("/") in PAGE for part in literal), path


async def test_unknown_things_are_404(control: Control) -> None:
    for path in ("/books/nobody", "/faults/9", "/mailbox/messages/9/raw", "/nowhere"):
        method = "DELETE" if path.startswith("/faults") else "GET"
        assert (await control.client.request(method, path)).status_code == 404, path
    for path in ("/column/ach/acht_x/settle", "/column/checks/chkt_x/cash", "/chek/payments/pay_x/settle"):
        assert (await control.client.post(path)).status_code == 404, path


async def test_the_journal_is_filtered_continued_and_cleared(control: Control, epx: EpxSpeaker) -> None:
    await epx.post("CKC2")
    await epx.post("CKC3")
    await epx.post("CKC3", AMOUNT="1.05")
    asked = await control.journal(partner="epx", operation="CKC3")
    assert [(entry["outcome"], entry["took_effect"], entry["amount"]) for entry in asked] == [
        ("00", True, 1000),
        ("05", False, 105),
    ]
    assert [entry["reference"] for entry in await control.journal(after=asked[0]["id"])] == ["3"]
    assert len(await control.journal(reference="2")) == 1
    await control.client.delete("/journal")
    assert await control.journal() == []


@pytest.mark.parametrize(
    ("partner", "path"), [("epx", "/x"), ("chek", "/api/v1/account/1/x/"), ("chek", "/x"), ("column", "/x")]
)
async def test_a_call_that_no_partner_has_is_journaled_too(
    partner: str, path: str, sandbox: SandboxRunner, control: Control
) -> None:
    response = await control.client.post(sandbox.addresses[partner] + path)
    assert response.status_code == 404
    [entry] = await control.journal(partner=partner)
    assert (entry["operation"], entry["reference"]) == ("unknown", f"POST {path}")


async def test_nonsense_never_breaks_a_partner(
    chek: httpx.AsyncClient, column: httpx.AsyncClient, epx: EpxSpeaker
) -> None:
    huge = "9" * 6_000
    keyed = {"Idempotency-Key": "k"}
    for response in (
        await chek.post("directpay_accounts/1/send_payment/", json={"amount": 10**40, "internal_memo": "x"}),
        await chek.post(
            "directpay_accounts/1/send_payment/",
            content=b'{"amount": 1, "internal_memo": "\\ud800"}',
            headers={"content-type": "application/json"},
        ),
        await column.post("/transfers/ach", data={"amount": huge}, headers=keyed),
        await column.post("/transfers/ach", data={"amount[x]": "1", "counterparty": "1"}, headers=keyed),
        await column.post("/transfers/ach", data={"a[b]": "1", "a": "2"}, headers=keyed),
        await column.post("/transfers/ach", data={"[]": "1"}, headers=keyed),
        await column.get("/transfers/ach", params={"created.gte": "yesterday"}),
        await column.get("/transfers/ach", params={"limit": huge}),
    ):
        assert 400 <= response.status_code < 500
    for name, value in (("AMOUNT", huge), ("X\x00", "1"), ("FIRST_NAME", "\x00"), ("FIRST_NAME", "Zoë"), ("é", "1")):
        assert (await epx.send(epx.form("CKC2") | {name: value}))["AUTH_RESP"] in ("13", "RR")
