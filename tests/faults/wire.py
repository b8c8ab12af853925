"""The wire between a worker and PostgreSQL, on which the end of a transaction can be delayed or lost.

It reads what the client says (PostgreSQL's frontend protocol 3.0) far enough to know which functions a transaction has
called when it asks for the commit.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

STARTUP = 196_608
Action = Literal["hold", "lose_after", "lose_before"]


@dataclass
class Trap:
    """For the next commits of transactions that called `function`: what becomes of them, and how many times.

    `skip` of them pass first.

    `hold`: committed, the client is not told until `released`. `lose_after`: committed, and the connection is gone.
    `lose_before`: the connection is gone before the commit arrives.
    """

    function: str
    action: Action
    times: int
    skip: int = 0
    struck: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)


class Wire:
    """A loopback port before a PostgreSQL server."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._traps: list[Trap] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def trap(self, function: str, action: Action, times: int = 1, *, skip: int = 0) -> Trap:
        """Set a trap for transactions to come."""
        made = Trap(function, action, times, skip)
        self._traps.append(made)
        return made

    def springs(self, called: list[str]) -> Trap | None:
        """The trap that a transaction with these calls runs into at its commit."""
        for trap in self._traps:
            if trap.struck >= trap.times or not any(trap.function in statement for statement in called):
                continue
            if trap.skip:
                trap.skip -= 1
                continue
            trap.struck += 1
            return trap
        return None

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Cut everything."""
        assert self._server is not None
        self._server.close()
        for trap in self._traps:
            trap.released.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            theirs = await asyncio.open_connection(*self._target)
            try:
                await _Conversation(self, (reader, writer), theirs).run()
            finally:
                theirs[1].transport.abort()
        writer.transport.abort()
        self._tasks.discard(task)


class _Conversation:
    """One connection: two directions, and what the open transaction has called."""

    def __init__(
        self,
        wire: Wire,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._wire = wire
        self._client = client
        self._server = server
        self._statements: dict[bytes, str] = {}
        self._called: list[str] = []
        self._sprung: Trap | None = None

    async def run(self) -> None:
        """Until one side is gone."""
        directions = [asyncio.create_task(self._requests()), asyncio.create_task(self._answers())]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    async def _answers(self) -> None:
        while data := await self._server[0].read(65_536):
            if self._sprung is not None and self._sprung.action == "lose_after":
                return
            if self._sprung is not None:
                await self._sprung.released.wait()
                self._sprung = None
            self._client[1].write(data)
            await self._client[1].drain()

    async def _requests(self) -> None:
        reader, writer = self._client[0], self._server[1]
        code = 0
        while code != STARTUP:
            length = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(length) - 4)
            code = int.from_bytes(body[:4])
            writer.write(length + body)
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
            if self._ends_transaction(head[:1], body):
                self._sprung = self._wire.springs(self._called)
                self._called.clear()
                if self._sprung is not None and self._sprung.action == "lose_before":
                    return
            writer.write(head + body)
            await writer.drain()

    def _ends_transaction(self, kind: bytes, body: bytes) -> bool:
        if kind == b"P":
            name, statement, _ = body.split(b"\0", 2)
            self._statements[name] = statement.decode(errors="replace")
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            self._called.append(self._statements.get(name, ""))
        commits = kind == b"Q" and body[:6].lower() == b"commit"
        if kind == b"Q" and not commits:
            self._called.clear()  # a new transaction, or the end of one that is given up
        return commits


@asynccontextmanager
async def open_wire(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the server of this URL, and the URL that goes through it."""
    parts = urlsplit(url)
    wire = Wire(parts.hostname or "127.0.0.1", parts.port or 5432)
    port = await wire.start()
    through = parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}")
    try:
        yield wire, urlunsplit(through)
    finally:
        await wire.close()
