"""Page sizes of Column's listings."""

import re

from sandbox.column.errors import invalid_parameter

DEFAULT = 10


def page_size(value: str) -> int:
    """1 to 100. Raises ColumnError."""
    if not re.fullmatch(r"[1-9]\d?|100", value, re.ASCII):
        raise invalid_parameter("limit", "must be 1 to 100")
    return int(value)
