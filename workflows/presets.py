"""Named activity options, so that each step says which kind of patience it has."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class Patience(TypedDict, total=False):
    """The options of an activity that say how long and how often."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


class LocalPatience(TypedDict):
    """The same for a local activity, which has no heartbeat; a pause beyond the threshold is a timer of the run's."""

    start_to_close_timeout: timedelta
    local_retry_threshold: timedelta
    retry_policy: RetryPolicy


# Every activity beats (activities/interceptor.py), so a lost worker shows within seconds.

# A money call: the row makes a repeat safe, so it is repeated for ever. Start-to-close exceeds the HTTP timeout plus
# the deadline for committing an answer (settings.py refuses values that do not fit).
MONEY_CALL = Patience(
    start_to_close_timeout=timedelta(minutes=5),
    heartbeat_timeout=timedelta(seconds=5),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)

# A step on our own database: short, safe to repeat.
DATABASE = Patience(
    start_to_close_timeout=timedelta(seconds=60),
    heartbeat_timeout=timedelta(seconds=5),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)

# A look at our own rows as a local activity: one event of history instead of six. While the database is away a run that
# is woken keeps its task for some tries only, which would be told to the server again and again, and then waits.
LOOK = LocalPatience(
    start_to_close_timeout=timedelta(seconds=10),
    local_retry_threshold=timedelta(seconds=5),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)),
)

# Mail: sent after the fact, repeated for a day, never able to change a payment's outcome.
MAIL = Patience(
    start_to_close_timeout=timedelta(seconds=60),
    heartbeat_timeout=timedelta(seconds=5),
    schedule_to_close_timeout=timedelta(days=1),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=15)),
)

# A scheduled look at partners and at all rows: repeated until it is done, however long an outage lasts. The schedule
# lets at most one more wait meanwhile; a look that gave up would be missed until somebody notices.
UNTIL_DONE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
