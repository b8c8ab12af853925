"""The SMTP face of the mailbox, on the sandbox's own event loop and under its faults."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.faults import Action, Fault, FaultBook
from sandbox.journal import Call, Journal
from sandbox.listener import Listener
from sandbox.mailbox.box import Mailbox
from sandbox.waiting import wait

_TRANSIENT = "451 4.3.0 Try again later"
_ACCEPTED = "250 2.0.0 Stored"


class Delivery:
    """aiosmtpd's handler: one ``deliver`` call per message, with the first recipient as its reference."""

    def __init__(self, mailbox: Mailbox, journal: Journal, faults: FaultBook, stopping: asyncio.Event) -> None:
        self._mailbox = mailbox
        self._journal = journal
        self._faults = faults
        self._stopping = stopping

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # its API
        call = Call("deliver", reference=envelope.rcpt_tos[0])
        fault = self._faults.take(self._mailbox.name, call)
        entry = self._journal.received(self._mailbox.name, call, fault.kind if fault else None)
        answer = await self._strike(server, fault, "before")
        if answer is None:
            content = envelope.content or b""
            raw = content.encode() if isinstance(content, str) else content
            self._mailbox.store(envelope.mail_from or "", list(envelope.rcpt_tos), raw)
            self._journal.processed(entry, took_effect=True, outcome="stored")
            answer = await self._strike(server, fault, "after") or _ACCEPTED
        self._journal.answered(entry, answer[:3])
        return answer

    async def _strike(self, server: SMTP, fault: Fault | None, stage: str) -> str | None:
        """The answer that replaces ours, or None."""
        if fault is None or fault.stage != stage:
            return None
        if fault.delay_ms:
            await wait(self._stopping, seconds=fault.delay_ms / 1000)
        if fault.action is Action.PAUSE:
            await wait(fault.released, self._stopping)
        if fault.action is Action.CUT and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
            return _TRANSIENT
        if fault.action is Action.STATUS:
            return _TRANSIENT if fault.status == 500 else f"{fault.status} Refused by a fault"
        return "garbage" if fault.action is Action.MALFORMED else None


class _TrackedSmtp(SMTP):
    """aiosmtpd's protocol that tells which connections are open."""

    def __init__(self, handler: Delivery, transports: set[asyncio.BaseTransport]) -> None:
        super().__init__(handler, hostname="mailbox.sandbox", enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._transports.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._transports.discard(self.transport)
        super().connection_lost(error)


class SmtpServer:
    def __init__(self, delivery: Delivery, host: str, port: int) -> None:
        self._delivery = delivery
        self._transports: set[asyncio.BaseTransport] = set()
        self.listener = Listener(self._protocol, self._transports, host, port)

    @property
    def url(self) -> str:
        return f"smtp://{self.listener.host}:{self.listener.port}"

    def _protocol(self) -> _TrackedSmtp:
        return _TrackedSmtp(self._delivery, self._transports)

    async def close(self) -> None:
        await self.listener.close()
