"""django-hordak from PyPI, where a folder has it and psycopg (`pip install --target`): `BENCH_HORDAK=folder`."""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import asyncpg

from bench.contenders.accounts import ACCOUNTS, Spread, pair
from bench.contenders.hordak_program import HOT
from bench.sample import Sample
from bench.server import Server

NAME = "django-hordak"
GIVEN = "BENCH_HORDAK"
DATABASE = "hordak"
LONGEST_LINE = 2**26
_NUMBERS = count()


def folder() -> str:
    """Where its packages are; empty where it is not measured."""
    return os.environ.get(GIVEN, "")


class Hordak:
    """Its own process and database, on the same server; a thread per caller."""

    def __init__(self, server: Server, process: asyncio.subprocess.Process) -> None:
        self._server = server
        self._process = process

    @classmethod
    async def open(cls, server: Server, stack: AsyncExitStack) -> "Hordak":
        """Started, its tables made; the stack ends it."""
        owner = await asyncpg.connect(server.postgres.url("postgres").replace("+asyncpg", ""))
        await owner.execute(f"create database {DATABASE}")
        await owner.close()
        url = server.postgres.url(DATABASE).removeprefix("postgresql+asyncpg://")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.contenders.hordak_program",
            env={**os.environ, "PYTHONPATH": folder(), "HORDAK_DATABASE": url},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        opened = cls(server, process)
        stack.push_async_callback(opened.close)
        await opened._read()
        return opened

    async def take(self, callers: int, spread: Spread, seconds: float) -> Sample:
        """One sample."""
        pairs = [[_ends(spread) for _ in range(ACCOUNTS)] for _ in range(callers)]
        before = self._server.processor.read()
        self._write({"pairs": pairs, "seconds": seconds})
        told = await self._read()
        after = self._server.processor.read()
        return Sample(tuple(told["latencies"]), told["seconds"], after.server - before.server, told["client"])

    async def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    def _write(self, asked: dict[str, Any]) -> None:
        if self._process.stdin is None:
            raise RuntimeError("started with a pipe")
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")

    async def _read(self) -> dict[str, Any]:
        if self._process.stdout is None:
            raise RuntimeError("started with a pipe")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{NAME} ended; is it installed in {GIVEN}, with psycopg?")
        told: dict[str, Any] = json.loads(line)
        return told


def _ends(spread: Spread) -> list[int]:
    debit, credit = pair(next(_NUMBERS))
    return [debit, credit if spread == "spread" else HOT]
