"""``python -m sandbox``: every partner in one process. Prints one line of JSON with all addresses when ready."""

import argparse
import asyncio
import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

from sandbox.runner import SandboxRunner

SERVERS = ("epx", "chek", "column", "paypal", "control", "smtp")
SETTLE_EVERY_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def main() -> int:
    options = _options()
    if options.die_with_parent:
        _die_with_parent()
    if options.data_dir is not None:
        options.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return asyncio.run(_serve(options))
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot listen: {error.strerror or error}\n")
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="keep the books here; without it they live in memory")
    parser.add_argument("--host", default="127.0.0.1")
    for name in SERVERS:
        names = [f"--{name}-port", *(["--mailbox-port"] if name == "smtp" else [])]
        parser.add_argument(*names, dest=f"{name}_port", type=int, default=0, help="0 is any free port")
    parser.add_argument("--column-webhook-url", help="where Column posts its events, as a customer registers it")
    parser.add_argument("--paypal-webhook-url", help="where PayPal posts its events")
    parser.add_argument("--die-with-parent", action="store_true", help="end when the starting process ends (Linux)")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ports = {name: getattr(options, f"{name}_port") for name in SERVERS}
    async with SandboxRunner(data_dir=options.data_dir, host=options.host, ports=ports) as sandbox:
        sandbox.world.column.config.webhook_url = options.column_webhook_url
        sandbox.world.paypal.config.webhook_url = options.paypal_webhook_url
        sys.stdout.write(json.dumps({"ready": True, "addresses": dict(sandbox.addresses)}) + "\n")
        sys.stdout.flush()
        await sandbox.world.flush()  # what an earlier life still had to tell
        while not stop.is_set():
            await sandbox.world.tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SETTLE_EVERY_SECONDS)
    return 0


def _die_with_parent() -> None:
    parent = os.getppid()
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before we asked
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
