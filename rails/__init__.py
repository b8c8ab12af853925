"""The rails by name. A new rail adds its own package and its lines here."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from domain.inbox import InboxEvent
from domain.money_call import MoneyCall, Outcome
from rails.base import Rail
from rails.by_hand import ByHandRail
from rails.chek import open_chek
from rails.column import open_column
from rails.column.event import read_outcome as read_column_event
from rails.epx import open_epx
from rails.epx.feed import read_event as read_epx_event
from rails.paypal import open_paypal
from rails.paypal.event import read_outcome as read_paypal_event
from settings import Settings

EVENT_READERS: Mapping[str, Callable[[MoneyCall, InboxEvent], Outcome | None]] = {
    "epx": read_epx_event,
    "column": read_column_event,
    "paypal": read_paypal_event,
}
"""What a rail's own events prove about a money call."""


@asynccontextmanager
async def open_rails(
    settings: Settings, *, new_tran_nbr: Callable[[], Awaitable[str]], business_now: Callable[[], Awaitable[datetime]]
) -> AsyncIterator[Mapping[str, Rail]]:
    """Every configured rail with its own HTTP client; closed at the end of the block."""
    async with AsyncExitStack() as stack:
        rails: list[Rail] = [ByHandRail()]
        if "epx" in settings.rails:
            rails.append(await stack.enter_async_context(open_epx(settings.epx, new_tran_nbr, business_now)))
        if "chek" in settings.rails:
            rails.append(await stack.enter_async_context(open_chek(settings.chek)))
        if "column" in settings.rails:
            rails.append(await stack.enter_async_context(open_column(settings.column, business_now)))
        if "paypal" in settings.rails:
            rails.append(await stack.enter_async_context(open_paypal(settings.paypal, business_now)))
        yield {rail.name: rail for rail in rails}
