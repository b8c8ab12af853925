"""Which accounts a transfer touches: spread over many, or one that every transfer touches."""

from typing import Literal

ACCOUNTS = 1000
FUNDS = 10**12
"""Minor units in each account at the start: nobody runs dry."""

Spread = Literal["spread", "hot", "hot deferred"]
"""`hot`: every transfer credits one account with a checked balance. `hot deferred`: one that is never locked."""


def pair(number: int) -> tuple[int, int]:
    """Two different accounts for the n-th transfer: a thousand in a row visit each once, and partners change."""
    first = number * 617 % ACCOUNTS
    return first, (first + 1 + number // ACCOUNTS * 389 % (ACCOUNTS - 1)) % ACCOUNTS
