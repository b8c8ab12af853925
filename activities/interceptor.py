"""What every activity of the worker shares: it beats while it runs, and what it fails of stays with us.

Temporal and the logs learn a failure's kind and place, never its message: a driver's or a parser's may quote the very
value that it choked on.
"""

import traceback
from typing import Any

import structlog
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.heartbeat import heartbeats
from db.outage import is_outage

log = structlog.get_logger()


class Discreet(Interceptor):
    """For every activity of the worker."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap the next one."""
        return _DiscreetActivity(next)


class _DiscreetActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            async with heartbeats():
                return await super().execute_activity(input)
        except (ApplicationError, CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its message stays here
            kind = type(error).__name__
            place = traceback.extract_tb(error.__traceback__)[-1]
            at = f"{place.name}:{place.lineno}"
            log.error("activity_failed", activity=input.fn.__name__, error=kind, outage=is_outage(error), at=at)
        raise ApplicationError("An internal error; the worker's log says where.", type=kind)
