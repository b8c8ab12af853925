"""Keep trying to commit what must not be lost, until a deadline: a database that restarts costs time, no answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import structlog

from domain.errors import BursarError

log = structlog.get_logger()

Written = TypeVar("Written")
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0


async def keep_trying(
    write: Callable[[], Awaitable[Written]], *, deadline_seconds: float, money_call_id: UUID
) -> Written:
    """Run `write`, a whole unit of work that is safe to repeat, until it commits.

    A refusal of ours (BursarError) is raised at once; what the driver raises when its server goes away, only after the
    deadline. When a commit's own answer was lost the repeat finds it done.
    """
    give_up = time.monotonic() + deadline_seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await write()
        except BursarError:
            raise
        except Exception as error:
            if time.monotonic() + pause > give_up:
                log.error("commit_gave_up", money_call_id=str(money_call_id), error=type(error).__name__)
                raise
            log.warning("commit_again", money_call_id=str(money_call_id), error=type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def to_its_end(task: asyncio.Task[Written]) -> Written:
    """Wait for a task through any number of cancellations, and pass a cancellation on once it is done.

    Python's own `await task` would cancel the task itself, `shield` would leave it behind.
    """
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001 - the task's own error: raised, or passed by, below
            break
    if cancelled is None or task.cancelled():
        return task.result()
    if (failure := task.exception()) is not None:
        log.warning("failed_while_cancelled", error=type(failure).__name__)
    raise cancelled
