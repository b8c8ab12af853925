"""A receiver of webhooks on loopback: it keeps what it is sent, and answers as a test tells it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def answer(status: int, *headers: str) -> bytes:
    """A whole answer without a body."""
    lines = [f"HTTP/1.1 {status} Told", "Content-Length: 0", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """`reply` makes the answer to a request, or None to say nothing and keep the connection open."""

    url: str = ""
    reply: Callable[[Received], bytes | None] = lambda _: OK
    received: list[Received] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    connections: list[asyncio.StreamWriter] = field(default_factory=list)

    async def until(self, count: int, seconds: float = 10) -> list[Received]:
        """Wait for so many requests."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                self.came.clear()
                await self.came.wait()
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the answer says that it is the last or the sender leaves."""
        self.connections.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while await self._serve_one(reader, writer):
                pass
        writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Received(head[0].split()[1], headers, body)
        self.received.append(request)
        self.came.set()
        reply = self.reply(request)
        if reply is None:
            await reader.read()
            return False
        writer.write(reply)
        await writer.drain()
        return b"HTTP/1.1 2" in reply and b"Connection: close" not in reply


@asynccontextmanager
async def receiver(certificate: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A running receiver on a free port."""
    opened = Receiver()
    server = await asyncio.start_server(opened.serve, "127.0.0.1", 0, ssl=certificate)
    port = server.sockets[0].getsockname()[1]
    opened.url = f"{'https' if certificate else 'http'}://127.0.0.1:{port}/hook"
    async with server:
        yield opened
        for connection in opened.connections:
            connection.close()
            with suppress(ConnectionError, ssl.SSLError):
                await connection.wait_closed()
