"""Whether an error means that the database is away, rather than that something is wrong with what was asked of it."""

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.repeat import sqlstate

# SQLSTATE classes of a database that is away or busy: connection, resources, operator intervention; then single states:
# lock not available, serialization failure, deadlock.
_AWAY = ("08", "53", "57", "55P03", "40001", "40P01")


def is_outage(error: BaseException) -> bool:
    """Whether the database (or a connection to it) is away or busy, so that the same request may succeed later."""
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError, OSError, TimeoutError)):
        return True
    return (sqlstate(error) or "").startswith(_AWAY)
