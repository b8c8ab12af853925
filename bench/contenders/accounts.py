"""Which accounts a transfer touches: spread over many, or one that every transfer touches."""

from typing import Literal

ACCOUNTS = 1000
FUNDS = 10**12
"""Minor units in each account at the start: nobody runs dry."""

Spread = Literal["spread", "hot", "hot deferred"]
"""`hot`: every transfer credits one account with a checked balance. `hot deferred`: one that is never locked."""


def pair(number: int, among: int = ACCOUNTS) -> tuple[int, int]:
    """Two different accounts for the n-th transfer: as many in a row as there are visit each once; partners change."""
    first = number * 617 % among
    return first, (first + 1 + number // among * 389 % (among - 1)) % among
