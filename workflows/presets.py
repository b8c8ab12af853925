"""Named activity options, so that each step says which kind of patience it has."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

# A money call: the row makes a repeat safe, so it is repeated for ever. Start-to-close exceeds the HTTP timeout plus the
# deadline for committing an answer (settings.py refuses values that would not fit); a lost worker shows by heartbeat.
MONEY_CALL = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=5),
    heartbeat_timeout=timedelta(seconds=5),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)

# A step on our own database: short, safe to repeat.
DATABASE = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=60),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)

# Mail: sent after the fact, repeated for a day, never able to change a payment's outcome.
MAIL = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=60),
    schedule_to_close_timeout=timedelta(days=1),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=15)),
)
