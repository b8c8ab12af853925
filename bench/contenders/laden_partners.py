"""What laden flows exchange with partners, as our rails' clients do: over kept connections, each answer read."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx
from lxml import etree

from bench.contenders.ach_debits import AchDebits
from bench.contenders.provider_payments import ProviderPayments
from bench.contenders.reimbursements import Reimbursements
from bench.contenders.unit_of_work import Deed
from domain.ids import new_id
from rails.base import http_client
from rails.column.webhook import SIGNATURE_HEADER
from settings import ChekSettings, ColumnSettings, EpxSettings
from tests.flows.childcare.town import Town
from tests.system import System

DECLINED = {"TRAN_TYPE": "CKC2", "AMOUNT": "150.00", "TRAN_NBR": "1", "BATCH_ID": "20261121", "CUST_NBR": "0"}
"""Nobody's: declined, by an answer as long as another."""
STRANGERS = 900_000
"""People of Chek's whom no other flow of the bench has begins to count from here."""
REFUSED = 666_00
"""Chek's sandbox refuses it: nothing moves, however often it is asked."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Of one kind of flow. `send` is what one money call exchanges, `look` what a step without one asks."""

    send: Deed
    look: Deed | None = None


@asynccontextmanager
async def open_partners(system: System, chek: httpx.AsyncClient) -> AsyncIterator[Mapping[str, Partner]]:
    """By the name of the flow. `chek`: makes the person whose wallet is looked at."""
    settings = system.settings
    user = await Town(system, chek, people=STRANGERS).chek_user()
    async with (
        http_client(settings.epx) as epx,
        http_client(settings.chek) as wallets,
        http_client(settings.column) as column,
    ):
        look = partial(_wallet, wallets, settings.chek, user)
        yield {
            AchDebits.name: Partner(partial(_entry, epx, settings.epx)),
            ProviderPayments.name: Partner(partial(_move, wallets, settings.chek, user, look), look),
            Reimbursements.name: Partner(partial(_transfer, column, settings.column)),
        }


async def _entry(http: httpx.AsyncClient, epx: EpxSettings) -> None:
    """A debit's entry."""
    answer = await http.post(epx.url, data=DECLINED)
    etree.fromstring(answer.content)


async def _wallet(http: httpx.AsyncClient, chek: ChekSettings, user: int) -> None:
    """What a wallet has, and how its owner is paid: one document says both."""
    answer = await http.get(_of_user(chek, user), headers={"API-Key": chek.api_key.get_secret_value()})
    answer.raise_for_status()
    answer.json()


async def _move(http: httpx.AsyncClient, chek: ChekSettings, user: int, look: Deed) -> object:
    """The wallet before, which is all that tells afterwards whether a lost answer was a yes; then the order."""
    await look()
    body = {
        "flow_direction": "wallet_to_wallet",
        "program_id": str(user),
        "counterparty_id": str(user),
        "amount": REFUSED,
        "description": f"bursar-{new_id().hex}",
    }
    keys = {"API-Key": chek.api_key.get_secret_value(), "Write-Key": chek.write_key.get_secret_value()}
    answer = await http.post(_of_user(chek, user) + "transfer_balance/", json=body, headers=keys)
    return answer.json()


def _of_user(chek: ChekSettings, user: int) -> str:
    return f"{chek.url}/api/v1/account/{chek.account_id}/users/{user}/"


async def _transfer(http: httpx.AsyncClient, column: ColumnSettings) -> object:
    """Under a key of its own, from an account to itself: refused."""
    form = {
        "amount": "1000",
        "currency_code": "USD",
        "sender_bank_account_id": column.fs_main,
        "receiver_bank_account_id": column.fs_main,
    }
    answer = await http.post(
        f"{column.url}/transfers/book",
        data=form,
        headers={"Idempotency-Key": new_id().hex},
        auth=httpx.BasicAuth("", column.api_key.get_secret_value()),
    )
    return answer.json()


async def bank_tells(system: System) -> None:
    """A message of the bank's, signed as its own: verified and stored by the API, taken up and concluded by the worker.

    It is about nothing that we made, so nothing follows from it.
    """
    transfer = {"id": f"bench_{new_id().hex}", "description": "bench", "amount": 1000, "currency_code": "USD"}
    event = {"id": f"evnt_{new_id().hex}", "type": "bench.noted", "created_at": "2026-11-21T00:00:00Z"}
    body = json.dumps(event | {"data": transfer | {"status": "COMPLETED"}}).encode()
    secret = system.settings.column.webhook_secret.get_secret_value().encode()
    headers = {
        SIGNATURE_HEADER: hmac.new(secret, body, hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    answer = await system.api.post("/v1/webhooks/column", content=body, headers=headers)
    answer.raise_for_status()
