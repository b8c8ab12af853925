"""Listening sockets that can be taken away and given back, and HTTP connections that can be cut."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

TRANSPORT = "sandbox.transport"


class Listener:
    """One TCP address. While it refuses, nothing listens there and a connect fails, yet nobody else gets the port.

    ``connections`` is the live set of transports that the protocol keeps.
    """

    def __init__(
        self, factory: Callable[[], asyncio.BaseProtocol], connections: set[asyncio.BaseTransport], host: str, port: int
    ) -> None:
        self._factory = factory
        self._connections = connections
        self._server: asyncio.Server | None = None
        # Bound and never listening: keeps the port ours between two lives of the listening socket.
        self._reservation = _bound_socket(host, port)
        self.host, self.port = self._reservation.getsockname()[:2]
        self._one_at_a_time = asyncio.Lock()

    async def accept(self) -> None:
        async with self._one_at_a_time:
            if self._server is None:
                listening = _bound_socket(self.host, self.port)
                self._server = await asyncio.get_running_loop().create_server(self._factory, sock=listening)

    async def refuse(self) -> None:
        """Stop listening and drop what is connected, so that a pooled connection cannot slip through."""
        async with self._one_at_a_time:
            if self._server is not None:
                await self._accept_no_more(self._server)
                self._server.close()
                self._server = None
        for transport in list(self._connections):
            if isinstance(transport, asyncio.Transport):
                transport.abort()
        await asyncio.sleep(0)

    @staticmethod
    async def _accept_no_more(server: asyncio.Server) -> None:
        """What was accepted just now becomes a connection first: asyncio leaks it when the server goes before."""
        for listening in server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(2):
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self.refuse()
        self._reservation.close()


def _bound_socket(host: str, port: int) -> socket.socket:
    """Raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named explicitly, because asyncio switches Nagle's algorithm off only where it sees TCP named.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


class HttpServer:
    """An ASGI application on a listener of its own, without uvicorn's polling main loop and signal handlers."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._config = Config(app, lifespan="off", access_log=False, log_config=None, ws="none", server_header=False)
        self._config.load()
        self._state = ServerState()
        self._transports: set[asyncio.BaseTransport] = set()
        self.listener = Listener(self._protocol, self._transports, host, port)

    @property
    def url(self) -> str:
        host = f"[{self.listener.host}]" if ":" in self.listener.host else self.listener.host
        return f"http://{host}:{self.listener.port}"

    def _protocol(self) -> "_CuttableHttp":
        return _CuttableHttp(self._transports, config=self._config, server_state=self._state, app_state={})

    async def close(self) -> None:
        await self.listener.close()
        tasks = list(self._state.tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=2)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class _CuttableHttp(H11Protocol):
    """uvicorn's HTTP/1.1 that hands its transport to the application, which may abort it."""

    def __init__(self, transports: set[asyncio.BaseTransport], **settings: Any) -> None:
        super().__init__(**settings)
        self._transports = transports

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._transports.add(transport)
        app = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._transports.discard(self.transport)
