"""What is taken of a person who is registered or made known at Chek: the API's fields, and a file's columns."""

import re
from collections.abc import Mapping

from domain.provider_payment import Method

EXTERNAL_ID = r"^[A-Za-z0-9_.:-]{1,64}$"
EMAIL = r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$"
LONGEST_EMAIL = 254
PHONE = r"^\+[1-9][0-9]{6,14}$"
"""E.164, as Chek takes it."""
TWO_LETTERS = r"^[A-Z]{2}$"
POSTAL_CODE = r"^[A-Za-z0-9 -]{3,10}$"
LONGEST_LINE = 200
LANGUAGES = ("en", "es", "ru", "ar")
KINDS = ("center", "home")
METHODS: tuple[Method, ...] = ("ach", "card")

_PATTERNS = {
    "external_id": EXTERNAL_ID,
    "email": EMAIL,
    "phone": PHONE,
    "state": TWO_LETTERS,
    "country_code": TWO_LETTERS,
    "postal_code": POSTAL_CODE,
}
_WORDS: dict[str, tuple[str, ...]] = {"language": LANGUAGES, "kind": KINDS, "method": METHODS}
_LINES = ("name", "first_name", "last_name", "line1", "line2", "city")


def is_line(text: str) -> bool:
    """One line for people: no control characters, and no longer than they read."""
    return 0 < len(text) <= LONGEST_LINE and not any(ord(sign) < 32 or ord(sign) == 127 for sign in text)


def not_taken(fields: Mapping[str, str]) -> str | None:
    """The first field that the API would refuse, or None. Nothing of what stands in it is repeated."""
    for name, text in fields.items():
        if name in _LINES and not is_line(text):
            return name
        if name in _PATTERNS and not re.search(_PATTERNS[name], text):
            return name
        if name in _WORDS and text not in _WORDS[name]:
            return name
    if len(fields.get("email", "")) > LONGEST_EMAIL:
        return "email"
    # a card, and only a card, is of a programme
    return "program_id" if (fields.get("method") == "card") != ("program_id" in fields) else None
