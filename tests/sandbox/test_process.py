"""The sandbox as a process of its own."""

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from sandbox.runner import SandboxRunner
from tests.sandbox.speakers import eventually, http_client

ROOT = Path(__file__).parents[2]
PIPE = asyncio.subprocess.PIPE


async def start(*options: str) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *options, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 20)
    return process, json.loads(line)


async def test_it_says_where_it_listens_keeps_its_books_and_ends_cleanly(tmp_path: Path) -> None:
    for run, number in enumerate((signal.SIGTERM, signal.SIGINT)):
        process, ready = await start("--data-dir", str(tmp_path / "books"))
        try:
            assert ready["ready"] is True
            assert set(ready["addresses"]) == {"epx", "chek", "column", "paypal", "smtp", "control"}
            async with http_client(ready["addresses"]["control"]) as control:
                before = (await control.get("/books/column")).json()["bank_accounts"][0]["available"]
                assert before == run * 700
                deposit = {"bank_account_id": "bacc_fs_main", "amount": 700}
                assert (await control.post("/column/deposits", json=deposit)).status_code == 201
        finally:
            process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, errors) == (0, b"")
    assert (tmp_path / "books").stat().st_mode & 0o077 == 0


async def test_a_taken_port_gives_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sandbox",
            "--epx-port",
            str(taken.getsockname()[1]),
            cwd=ROOT,
            stdout=PIPE,
            stderr=PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, output) == (1, b"")
    assert errors.decode() == "the sandbox cannot listen: Address already in use\n"


async def test_it_ends_with_its_parent() -> None:
    if sys.platform != "linux":
        return
    starter = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-m', 'sandbox', '--die-with-parent'], stdout=subprocess.PIPE);"
        "print(child.pid, child.stdout.readline().decode(), flush=True); time.sleep(60)"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", starter, cwd=ROOT, stdout=PIPE)
    assert parent.stdout is not None
    child = int((await asyncio.wait_for(parent.stdout.readline(), 20)).split()[0])
    parent.kill()
    await parent.wait()
    await eventually(lambda: not _alive(child))


async def test_in_process_it_starts_in_a_tenth_of_a_second() -> None:
    loop = asyncio.get_running_loop()
    async with SandboxRunner():
        pass  # the first one pays for imports
    took = []
    for _ in range(5):
        began = loop.time()
        async with SandboxRunner():
            took.append(loop.time() - began)
    assert min(took) < 0.1


async def test_two_sandboxes_share_nothing() -> None:
    async with SandboxRunner() as one, SandboxRunner() as two, http_client() as client:
        deposit = {"bank_account_id": "bacc_fs_main", "amount": 700}
        await client.post(f"{one.addresses['control']}/column/deposits", json=deposit)
        other = (await client.get(f"{two.addresses['control']}/books/column")).json()
        assert [account["available"] for account in other["bank_accounts"]] == [0, 0]
        assert one.world.epx.books.identifier("", 19) != two.world.epx.books.identifier("", 19)


def _alive(pid: int) -> bool:
    """A child that ended but was not yet waited for by anybody does not count."""
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
