"""One request to the API for a debit: as any client makes it, and as one that takes next to no processor time."""

import asyncio
import json
import time
from urllib.parse import urlsplit

from domain.ids import new_id
from tests.endurance.pressure import Answer, Ask
from tests.system import System

PATH = "/v1/ach-debits"


def by_client(system: System, account_id: str) -> Ask:
    """By the client of all stories."""

    async def ask() -> Answer:
        began = time.monotonic()
        headers = {"Idempotency-Key": new_id().hex}
        answer = await system.api.post(PATH, json=_debit(account_id), headers=headers)
        took = time.monotonic() - began
        return Answer(answer.status_code, "Retry-After" in answer.headers, answer.content, took)

    return ask


def by_socket(system: System, account_id: str) -> Ask:
    """Over a connection of its own: who asks shares the processor with what it asks, and must not be late itself."""
    url = urlsplit(str(system.api.base_url))
    body = json.dumps(_debit(account_id)).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {system.api.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    )

    async def ask() -> Answer:
        began = time.monotonic()
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        try:
            writer.write(f"{head}Idempotency-Key: {new_id().hex}\r\n\r\n".encode() + body)
            told, _, content = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        took = time.monotonic() - began
        return Answer(int(told.split(b" ", 2)[1]), b"\r\nretry-after:" in told.lower(), content, took)

    return ask


def _debit(account_id: str) -> dict[str, object]:
    return {"account_id": account_id, "amount": 1_000, "currency": "USD"}
