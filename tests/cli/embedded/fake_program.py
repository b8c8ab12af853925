"""A tiny program for the supervisor's tests: notes when it starts and stops, and ends as it is told."""

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path


def main() -> None:
    """Note `+name pid`, say ready, wait for SIGTERM or the given seconds, note `-name`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="it")
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--fail", help="end at once with this line")
    parser.add_argument("--linger", type=float, default=0.0, help="seconds that it takes to stop")
    parser.add_argument("--mute", action="store_true", help="never say ready")
    given = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    note(given.notes, f"+{given.name} {os.getpid()}")
    if given.fail:
        sys.exit(given.fail)
    with socket.create_server(("127.0.0.1", given.port or 0)):
        if not given.mute:
            sys.stdout.write(json.dumps({"ready": True}) + "\n")
            sys.stdout.flush()
        stop.wait()
    note(given.notes, f"-{given.name}")
    time.sleep(given.linger)


def note(notes: Path, line: str) -> None:
    with notes.open("a") as file:
        file.write(line + "\n")


if __name__ == "__main__":
    main()
