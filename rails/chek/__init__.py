"""Chek: wallets, same-day ACH and virtual cards of a childcare programme, over JSON with trailing slashes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.clock import SystemClock
from rails.base import http_client
from rails.chek.answer import AllowLists
from rails.chek.client import ChekClient
from rails.chek.rail import ChekRail as ChekRail
from settings import ChekSettings


@asynccontextmanager
async def open_chek(settings: ChekSettings) -> AsyncIterator[ChekRail]:
    """The rail with its HTTP client."""
    async with http_client(settings) as http:
        client = ChekClient(
            http,
            settings.url,
            settings.account_id,
            api_key=settings.api_key.get_secret_value(),
            write_key=settings.write_key.get_secret_value(),
            timeout_seconds=settings.http_timeout_seconds,
        )
        yield ChekRail(
            client,
            SystemClock(),
            AllowLists(settings.refusal_statuses, settings.payment_statuses),
            settling_delay_seconds=settings.settling_delay_seconds,
            readings_apart_seconds=settings.readings_apart_seconds,
        )
