"""What is sent at a customer's word stays out of our own network, follows nobody, and waits for nobody."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from activities.webhook_sender import Sent, WebhookSender, open_sender
from domain.errors import InvalidInput
from domain.network_address import is_public
from domain.webhook_endpoint import require_webhook_url
from tests.webhooks_out.receiver import answer, receiver

PUBLIC = "93.184.215.14"
# of IPv6, also those that carry an IPv4 address
INSIDE = [
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "2002:a00:1::",
    "64:ff9b::a00:1",
    "fd00::1",
    "fe80::1",
    "ff02::1",
]


@asynccontextmanager
async def sender_to(
    *addresses: str, live: bool = False, verify: ssl.SSLContext | bool = True, seconds: float = 5
) -> AsyncIterator[WebhookSender]:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    async with httpx.AsyncClient(verify=verify, trust_env=False) as client:
        yield WebhookSender(client, live=live, resolve=resolve, total_seconds=seconds)


@pytest.mark.parametrize("address", INSIDE)
async def test_addresses_inside_of_networks_are_refused_in_live(address: str) -> None:
    assert not is_public(address)
    async with sender_to(PUBLIC, address, live=True) as sender:
        assert await sender.post("https://receiver.example/", {}, b"") == Sent(None, "address_not_allowed")


def test_public_addresses_are_public() -> None:
    assert all(is_public(address) for address in (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:pass@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://",
        "https:///path",
        "ftp://example.com/",
        "javascript:alert(1)",
        "https://exa mple.com/",
        "https://example.com\\@evil.example/",
        "https://[::1/",
        "https://éxample.com/",
        "https://example.com/\n",
        "https://example.com/" + "a" * 500,
    ],
)
def test_what_is_no_public_web_address_is_refused_in_live(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_webhook_url(url, live=True)
    assert refused.value.field == "/url"


async def test_a_name_that_moves_into_the_network_after_it_was_checked_changes_nothing() -> None:
    async with receiver() as hook:
        port = hook.url.split(":")[2].split("/")[0]
        async with sender_to("127.0.0.1") as sender:
            # the name itself resolves nowhere: only what was looked at is connected to, under the name
            assert await sender.post(f"http://receiver.invalid:{port}/hook", {}, b"{}") == Sent(204, None)
        assert hook.received[0].headers["host"] == f"receiver.invalid:{port}"


async def test_a_redirect_is_not_followed() -> None:
    async with receiver() as target, receiver() as hook, sender_to("127.0.0.1") as sender:
        for status in (301, 302, 303, 307, 308):
            hook.reply = lambda _, status=status: answer(status, f"Location: {target.url}")  # type: ignore[misc]
            assert await sender.post(hook.url, {}, b"{}") == Sent(status, "redirected")
        assert target.received == []


async def test_who_says_nothing_or_never_ends_is_waited_for_only_so_long() -> None:
    async with receiver() as hook, sender_to("127.0.0.1", seconds=0.3) as sender:
        hook.reply = lambda _: None
        assert await sender.post(hook.url, {}, b"{}") == Sent(None, "timeout")
        # a body without an end is not read at all
        hook.reply = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
        assert await sender.post(hook.url, {}, b"{}") == Sent(200, None)


async def test_the_next_address_of_a_name_is_tried_when_one_cannot_be_reached() -> None:
    async with receiver() as hook:
        async with sender_to("127.0.0.2", "127.0.0.1") as sender:
            assert await sender.post(hook.url, {}, b"{}") == Sent(204, None)
        async with sender_to("127.0.0.2") as sender:
            assert await sender.post(hook.url, {}, b"{}") == Sent(None, "not_reachable")


async def test_names_are_resolved_for_real_and_one_that_is_none_is_a_problem_like_any_other() -> None:
    async with receiver() as hook, open_sender(live=False) as sender:
        assert await sender.post(hook.url.replace("127.0.0.1", "localhost"), {}, b"{}") == Sent(204, None)
        assert await sender.post("http://a..b/", {}, b"{}") == Sent(None, "address_not_allowed")


async def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    async def hangs(_host: str, _port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    async with httpx.AsyncClient() as client:
        sender = WebhookSender(client, live=False, resolve=hangs, total_seconds=0.1)
        assert await sender.post("https://receiver.example/", {}, b"") == Sent(None, "timeout")


@pytest.mark.parametrize(("name", "taken"), [("receiver.example", True), ("other.example", False)])
async def test_the_certificate_must_be_of_the_name_though_an_address_is_connected_to(
    tmp_path: Path, name: str, taken: bool
) -> None:
    served, trusted = certificate(tmp_path, "receiver.example")
    async with receiver(served) as hook, sender_to("127.0.0.1", verify=trusted) as sender:
        port = hook.url.split(":")[2].split("/")[0]
        sent = await sender.post(f"https://{name}:{port}/hook", {}, b"{}")
    assert sent == (Sent(204, None) if taken else Sent(None, "not_reachable"))


async def test_no_connection_is_kept_for_another_receiver_at_the_same_address() -> None:
    async with receiver() as hook, open_sender(live=False) as sender:
        hook.reply = lambda _: b"HTTP/1.1 204 No Content\r\n\r\n"
        for _ in range(3):
            assert await sender.post(hook.url, {}, b"{}") == Sent(204, None)
        assert len(hook.connections) == 3


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate of a name: for a server, and for a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    path = folder / "server.pem"
    path.write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(path)
    return served, ssl.create_default_context(cadata=pem.decode())
