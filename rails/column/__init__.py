"""Column, the bank of the clearinghouse: form in, JSON out; webhooks say what became of an ACH transfer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from rails.base import http_client
from rails.column.books import ColumnBooks
from rails.column.rail import ColumnRail
from settings import ColumnSettings


@asynccontextmanager
async def open_column(
    settings: ColumnSettings, business_now: Callable[[], Awaitable[datetime]]
) -> AsyncIterator[ColumnRail]:
    """The rail with its HTTP client."""
    async with http_client(settings) as client:
        yield ColumnRail(
            client,
            settings.url,
            settings.api_key.get_secret_value(),
            timeout_seconds=settings.http_timeout_seconds,
            settling_delay_seconds=settings.settling_delay_seconds,
            key_safe_days=settings.key_safe_days,
            business_now=business_now,
        )


@asynccontextmanager
async def open_books(settings: ColumnSettings) -> AsyncIterator[ColumnBooks]:
    """The bank's own book with its HTTP client."""
    async with http_client(settings) as client:
        yield ColumnBooks(client, settings.url, settings.api_key.get_secret_value())
