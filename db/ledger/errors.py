"""What a refusal of the ledger's functions means, by its SQLSTATE."""

import asyncpg

from domain.errors import LEDGER_ERRORS


def ledger_error(error: asyncpg.PostgresError) -> Exception:
    """The domain's error for a refusal; any other database error as it is.

    The functions' messages name account codes, keys and amounts, and nothing that is secret.
    """
    refusal = LEDGER_ERRORS.get(error.sqlstate or "")
    return error if refusal is None else refusal(str(error))
