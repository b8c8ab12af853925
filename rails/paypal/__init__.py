"""PayPal Payouts: JSON under a bearer token; webhooks say what became of each item."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from rails.base import http_client
from rails.paypal.books import PayPalBooks
from rails.paypal.rail import PayPalRail
from rails.paypal.token import Tokens
from settings_payout import PayPalSettings


@asynccontextmanager
async def open_paypal(
    settings: PayPalSettings, business_now: Callable[[], Awaitable[datetime]]
) -> AsyncIterator[PayPalRail]:
    """The rail with its HTTP client."""
    async with http_client(settings) as client:
        yield PayPalRail(
            client,
            settings.url,
            tokens_of(client, settings),
            timeout_seconds=settings.http_timeout_seconds,
            settling_delay_seconds=settings.settling_delay_seconds,
            key_safe_days=settings.key_safe_days,
            business_now=business_now,
        )


@asynccontextmanager
async def open_paypal_books(settings: PayPalSettings) -> AsyncIterator[PayPalBooks]:
    """Our balance with its HTTP client."""
    async with http_client(settings) as client:
        yield PayPalBooks(client, settings.url, tokens_of(client, settings))


def tokens_of(client: httpx.AsyncClient, settings: PayPalSettings) -> Tokens:
    """The access to PayPal that the settings give."""
    return Tokens(client, settings.url, settings.client_id, settings.client_secret.get_secret_value())
