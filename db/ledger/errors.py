"""What the ledger's functions raise, as the errors of domain/errors.py."""

import asyncpg

from domain.errors import LEDGER_ERRORS


def ledger_error(error: asyncpg.PostgresError) -> Exception:
    """The domain error of a SQLSTATE, with the function's own message (it names accounts by code, nothing secret).

    An error that is not the ledger's comes back as it is.
    """
    known = LEDGER_ERRORS.get(error.sqlstate or "")
    return error if known is None else known(str(error.args[0]) if error.args else None)
