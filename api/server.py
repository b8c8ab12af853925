"""Runs the API: one process, any number of them side by side."""

import asyncio
import gc
import signal
from collections.abc import Sequence

import uvicorn
from fastapi import APIRouter

from activities.house import open_house
from activities.loops import run as run_loop
from activities.memory import GIVE_BACK
from api.app import create_app
from api.context import ApiContext
from settings import Settings

_GRACE_SECONDS = 10


async def serve(settings: Settings, routers: Sequence[APIRouter]) -> None:
    """Answer until the process is told to stop (SIGINT, SIGTERM); requests and starts that have begun are finished.

    Told to stop is no failure: the process ends with exit code 0, as the worker does.
    """
    async with open_house(settings) as house:
        context = ApiContext(
            settings=settings,
            database=house.database,
            temporal=house.temporal,
            after_commit=house.outbox.deliver,
            flows=house.flows,
            settler=house.settler,
        )
        config = uvicorn.Config(
            create_app(context, routers),
            host=settings.api.host,
            port=settings.api.port,
            # our own log line per request holds no query and no address with values in it
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=int(settings.api.longest_wait_seconds + _GRACE_SECONDS),
        )
        # what is loaded now lives as long as the process: each walk through it would keep all requests waiting 100 ms
        gc.collect()
        gc.freeze()
        # uvicorn takes both while it serves, then raises once more the one that stopped it, for whoever had it before:
        # by default that would end the process here, before what was accepted is started and the house is closed
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        stopping = asyncio.Event()
        giving_back = asyncio.create_task(run_loop(GIVE_BACK, stopping))
        try:
            await uvicorn.Server(config).serve()
        finally:
            stopping.set()
            # each has a time limit of its own (api/idempotency.py)
            await asyncio.gather(giving_back, *context.starting)
