"""Chek's limit on names: first name, a space and last name make at most 24 characters."""

LONGEST = 24


def cut_name(first: str, last: str) -> tuple[str, str]:
    """First and last name as Chek takes them: the last name is cut first, and the first only when it alone is too long.

    The last name keeps its initial; nothing is dropped from names that fit.
    """
    first, last = " ".join(first.split()), " ".join(last.split())
    if not last:
        return first[:LONGEST].rstrip(), ""
    first = first[: LONGEST - 2].rstrip()
    room = LONGEST - len(first) - (1 if first else 0)
    return first, last[:room].rstrip()
