"""Do a unit of work again that PostgreSQL ended, rather than the work itself: a deadlock, a serialization failure.

Nothing of an ended transaction stands, so work that touches only its own unit of work is as new when it is repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

log = structlog.get_logger()

Result = TypeVar("Result")

MOST_TRIES = 3
_PAUSE_SECONDS = 0.05
_ENDED_BY_THE_SERVER = frozenset({"40001", "40P01"})
"""SQLSTATE: serialization failure, deadlock."""


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, whether SQLAlchemy or the driver itself raised it."""
    found = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
    return found if isinstance(found, str) else None


async def repeated(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run `work`, a whole unit of work, up to three times; what the last try raises is raised.

    Two that waited for each other do not meet again: the other one has passed meanwhile.
    """
    for tried in range(1, MOST_TRIES):
        try:
            return await work()
        except Exception as error:
            if sqlstate(error) not in _ENDED_BY_THE_SERVER:
                raise
            log.warning("unit_of_work_again", sqlstate=sqlstate(error), tried=tried)
        await asyncio.sleep(_PAUSE_SECONDS * tried)
    return await work()
