"""ABA routing numbers: nine digits, weighted 3-7-1, in the ranges that the Fed assigns."""

_ASSIGNED = (*range(1, 13), *range(21, 33), *range(61, 73), 80)


def is_routing_number(text: str) -> bool:
    if len(text) != 9 or not text.isascii() or not text.isdigit():
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True))
    return weighted % 10 == 0 and int(text[:2]) in _ASSIGNED
