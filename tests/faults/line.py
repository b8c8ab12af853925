"""A line to a server that can be cut and mended: a worker that stands still, as the rest of the house sees it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    """A loopback port that passes bytes on while it is whole, those to the server `delay_seconds` late."""

    def __init__(self, host: str, port: int, delay_seconds: float = 0.0) -> None:
        self._target = (host, port)
        self._delay_seconds = delay_seconds
        self._whole = True
        self._passing = asyncio.Event()
        self._passing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """Drop every connection, and those to come."""
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def hold(self) -> None:
        """Pass nothing on, and hang up on nobody."""
        self._passing.clear()

    def mend(self) -> None:
        """Whoever connects from now on gets through, and what was held is passed on."""
        self._whole = True
        self._passing.set()

    async def close(self) -> None:
        """Give the port back."""
        assert self._server is not None
        self._server.close()
        self._passing.set()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._ends.add(writer)
        with suppress(OSError):
            if self._whole:
                there, back = await asyncio.open_connection(*self._target)
                self._ends.add(back)
                await asyncio.gather(self._copy(reader, back, self._delay_seconds), self._copy(there, writer))
                self._ends.discard(back)
        writer.transport.abort()
        self._ends.discard(writer)
        self._tasks.discard(task)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_seconds: float = 0.0
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await asyncio.sleep(delay_seconds)
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def open_line(address: str, *, delay_seconds: float = 0.0) -> AsyncIterator[tuple[Line, str]]:
    """A line to `host:port`, and the address that goes through it."""
    host, _, port = address.rpartition(":")
    line = Line(host, int(port), delay_seconds)
    own = await line.start()
    try:
        yield line, f"127.0.0.1:{own}"
    finally:
        await line.close()
