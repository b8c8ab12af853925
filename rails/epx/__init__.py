"""EPX Server Post: ACH through the gateway. Form in, XML out, HTTP 200 for declines too."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from rails.base import http_client
from rails.epx.books import GatewayBooks
from rails.epx.feed import Feed
from rails.epx.rail import EpxRail
from rails.epx.report import ReportFile
from settings import EpxSettings


@asynccontextmanager
async def open_epx(
    settings: EpxSettings, new_tran_nbr: Callable[[], Awaitable[str]], business_now: Callable[[], Awaitable[datetime]]
) -> AsyncIterator[EpxRail]:
    """The rail with its HTTP client."""
    async with http_client(settings) as client:
        report = None
        if settings.inquiry_source == "report_file":
            report = ReportFile(client, settings.report_url, settings.feed_key.get_secret_value())
        yield EpxRail(
            client,
            settings.url,
            timeout_seconds=settings.http_timeout_seconds,
            settling_delay_seconds=settings.settling_delay_seconds,
            report=report,
            new_reference=new_tran_nbr,
            business_now=business_now,
        )


@asynccontextmanager
async def open_books(settings: EpxSettings) -> AsyncIterator[GatewayBooks]:
    """The gateway's own book with its HTTP client."""
    async with http_client(settings) as client:
        key = settings.feed_key.get_secret_value()
        yield GatewayBooks(ReportFile(client, settings.report_url, key), Feed(client, settings.feed_url, key))


@asynccontextmanager
async def open_feed(settings: EpxSettings) -> AsyncIterator[Feed]:
    """The settlement and return feeds with their HTTP client."""
    async with http_client(settings) as client:
        yield Feed(client, settings.feed_url, settings.feed_key.get_secret_value())
