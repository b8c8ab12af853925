"""The mailbox over real SMTP."""

import base64
from email.message import EmailMessage

import aiosmtplib
import pytest

from sandbox.runner import SandboxRunner
from tests.sandbox.speakers import Control


async def send(sandbox: SandboxRunner, to: str = "payee@example.org", subject: str = "Your payout came back") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Bursar <mail@example.org>", to, subject
    message.set_content("Code R02, schönen Gruß")
    message.add_alternative("<p>Code <b>R02</b></p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="receipt.pdf")
    host, port = sandbox.addresses["smtp"].removeprefix("smtp://").split(":")
    await aiosmtplib.send(message, hostname=host, port=int(port), timeout=1)


async def test_mail_is_kept_with_all_its_parts(sandbox: SandboxRunner, control: Control) -> None:
    await send(sandbox)
    [message] = (await control.get("/mailbox/messages"))["data"]
    assert (message["sender"], message["recipients"]) == ("mail@example.org", ["payee@example.org"])
    assert message["subject"] == "Your payout came back"
    assert message["text"].strip() == "Code R02, schönen Gruß"
    assert message["html"].strip() == "<p>Code <b>R02</b></p>"
    assert message["attachments"] == ["receipt.pdf"]
    assert message["business_at"].startswith("2026-11-23T15:00:0")
    raw = await control.client.get(f"/mailbox/messages/{message['id']}/raw")
    assert base64.b64encode(b"%PDF") in raw.content


async def test_mail_is_found_by_recipient_subject_and_text(sandbox: SandboxRunner, control: Control) -> None:
    await send(sandbox)
    await send(sandbox, to="other@example.org", subject="Hello")
    for query, count in (
        ({"to": "Payee@Example.org"}, 1),
        ({"to": "payee"}, 0),
        ({"subject": "came BACK"}, 1),
        ({"text": "SCHÖNEN"}, 2),
        ({"text": "<b>r02"}, 2),
        ({"after": 1}, 1),
        ({"to": "other@example.org", "subject": "payout"}, 0),
    ):
        assert len((await control.get("/mailbox/messages", **query))["data"]) == count, query
    await control.client.delete("/mailbox/messages")
    assert (await control.get("/mailbox/messages"))["data"] == []


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("status:451", aiosmtplib.SMTPDataError, 0),
        ("status:550", aiosmtplib.SMTPDataError, 0),
        ("status_after:451", aiosmtplib.SMTPDataError, 1),
        ("cut_before", aiosmtplib.SMTPServerDisconnected, 0),
        ("cut_after", aiosmtplib.SMTPServerDisconnected, 1),
        ("refuse_connection", aiosmtplib.SMTPConnectError, 0),
    ],
)
async def test_mail_transport_fails_on_demand(
    kind: str, error: type[Exception], kept: int, sandbox: SandboxRunner, control: Control
) -> None:
    await control.fault("mailbox", kind)
    with pytest.raises(error):
        await send(sandbox)
    assert len((await control.get("/mailbox/messages"))["data"]) == kept
    await control.client.delete("/faults")
    await send(sandbox)
    assert len((await control.get("/mailbox/messages"))["data"]) == kept + 1


async def test_a_slow_mail_server(sandbox: SandboxRunner, control: Control) -> None:
    await control.fault("mailbox", "delay_after", delay_ms=1_500)
    with pytest.raises(aiosmtplib.SMTPReadTimeoutError):
        await send(sandbox)
    assert len((await control.get("/mailbox/messages"))["data"]) == 1
