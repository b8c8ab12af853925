"""Account numbers that misbehave on purpose: 99000, anything, then two digits of behaviour and two of code.

At least nine digits, so that hardly any account number of an ordinary test is magic by accident.
"""

import re

_MAGIC = re.compile(r"99000\d*(\d\d)(\d\d)")


def parse(account_number: str) -> tuple[str, str] | None:
    """(behaviour, code), or None for an ordinary account."""
    found = _MAGIC.fullmatch(account_number)
    return None if found is None else (found[1], found[2])
