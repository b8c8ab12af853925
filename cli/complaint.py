"""One line for a person about an error that ends a command. It quotes only texts that are known to hold no secret."""

from cli.embedded.failure import StartFailedError
from domain.errors import BursarError

OURS = (BursarError, StartFailedError)
UNKNOWN = "run it again with BURSAR_DEBUG=1 to see where"


def complaint(error: Exception) -> str:
    """Our own errors speak for themselves; of others it says where they come from and what usually mends them."""
    if isinstance(error, OURS):
        return " ".join(str(error).split())
    origin = type(error).__module__.partition(".")[0]
    if origin in {"sqlalchemy", "asyncpg"}:
        # The driver's text may quote the values of a row.
        cause = getattr(error, "orig", None) or error
        code = getattr(cause, "sqlstate", None) or getattr(cause, "code", None) or "no code"
        return f"the database refused: {type(cause).__name__} ({code}); {UNKNOWN}"
    if origin == "temporalio":
        return f"Temporal refused: {type(error).__name__}; is it running? try: bursar doctor"
    if isinstance(error, ConnectionError | TimeoutError):
        return f"cannot connect ({type(error).__name__}); is Bursar running? try: bursar doctor"
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}"
    return f"unexpected {type(error).__name__}; {UNKNOWN}"
