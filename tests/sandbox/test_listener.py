"""A listener that is taken away while somebody connects leaks no socket."""

import asyncio
import gc
import warnings

from sandbox.listener import HttpServer


async def _app(scope: object, receive: object, send: object) -> None:
    """Never asked for anything."""


async def _connects(port: int) -> None:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return
    writer.close()


async def test_what_was_just_accepted_when_the_listener_went_away_is_closed() -> None:
    server = HttpServer(_app, "127.0.0.1", 0)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always", ResourceWarning)
        for turn in range(80):
            await server.listener.accept()
            connecting = [asyncio.create_task(_connects(server.listener.port)) for _ in range(4)]
            for _ in range(turn % 8):  # at each point between a connect and its connection
                await asyncio.sleep(0)
            await server.listener.refuse()
            await asyncio.gather(*connecting)
        await server.close()
        gc.collect()
    assert [str(warning.message) for warning in seen] == []
