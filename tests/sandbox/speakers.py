"""The least that speaks with each partner: written from the contracts, sharing nothing with sandbox or rails."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import httpx

TERMINAL = {"CUST_NBR": "7000", "MERCH_NBR": "700010", "DBA_NBR": "1", "TERMINAL_NBR": "1"}
KEYED = {
    "ACCOUNT_NBR": "123456789",
    "ROUTING_NBR": "011000015",
    "CARD_ENT_METH": "X",
    "FIRST_NAME": "Ada",
    "LAST_NAME": "Lovelace",
}
BATCH = "20261123"


# Made once, for clients that all speak plain HTTP: loading certificates takes longer than most of these tests.
_TLS = ssl.create_default_context()


def http_client(url: str = "", **settings: Any) -> httpx.AsyncClient:
    """A raw client without proxies, which waits out a machine that stands still for some seconds."""
    return httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, verify=_TLS, **settings)


class EpxSpeaker:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.last_tran_nbr = 0

    def form(self, tran_type: str, **changes: str | None) -> dict[str, str]:
        """A right request; ``None`` leaves a field out."""
        self.last_tran_nbr += 1
        moves = tran_type[3:] in ("2", "3")
        fields: dict[str, str | None] = {
            **TERMINAL,
            "TRAN_TYPE": tran_type,
            "TRAN_NBR": str(self.last_tran_nbr),
            "BATCH_ID": BATCH,
            "LOCAL_DATE": "112326",
            "LOCAL_TIME": "100000",
            "AMOUNT": "10.00" if moves else "0.00",
            "INDUSTRY_TYPE": "E",
            **({"CARD_ENT_METH": "Z"} if changes.get("ORIG_AUTH_GUID") else KEYED),
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    async def post(self, tran_type: str, **changes: str | None) -> dict[str, str]:
        """The response's fields."""
        return await self.send(self.form(tran_type, **changes))

    async def send(self, form: dict[str, str]) -> dict[str, str]:
        response = await self.client.post("/", data=form)
        assert response.status_code == 200
        return read_fields(response.content)

    async def download(self, path: str, key: str = "sandbox-epx-report-key", **query: str) -> httpx.Response:
        return await self.client.get(path, params=query, headers={"X-API-Key": key})


def read_fields(content: bytes) -> dict[str, str]:
    root = ET.fromstring(content)  # noqa: S314  # our own sandbox's answer
    assert root.tag == "RESPONSE"
    return {field.attrib["KEY"]: field.text or "" for field in root.findall("./FIELDS/FIELD")}


class Control:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.client.get(path, params=query)
        response.raise_for_status()
        return response.json()

    async def post(self, path: str, **body: Any) -> Any:
        response = await self.client.post(path, json=body)
        response.raise_for_status()
        return response.json()

    async def put(self, path: str, **body: Any) -> Any:
        response = await self.client.put(path, json=body)
        response.raise_for_status()
        return response.json()

    async def fault(self, partner: str, kind: str, **more: Any) -> int:
        """Returns its id."""
        added: int = (await self.post("/faults", partner=partner, kind=kind, **more))["id"]
        return added

    async def advance(self, *, to: str) -> None:
        await self.post("/clock/advance", to=to)

    async def journal(self, **query: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await self.get("/journal", **query))["data"]
        return entries

    async def book(self, partner: str) -> dict[str, Any]:
        book: dict[str, Any] = await self.get(f"/books/{partner}")
        return book


def chek_client(url: str, **headers: str) -> httpx.AsyncClient:
    keys = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"} | headers
    return http_client(f"{url}/api/v1/account/1/", headers=keys)


def column_client(url: str, key: str = "sandbox-column-api-key") -> httpx.AsyncClient:
    return http_client(url, auth=("", key))


async def eventually(fact: Callable[[], bool]) -> None:
    """Raises TimeoutError when it never comes true."""
    async with asyncio.timeout(10):
        while not fact():  # noqa: ASYNC110  # what is waited for happens in another party
            await asyncio.sleep(0.01)
