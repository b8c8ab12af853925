"""Money: a whole number of minor units of one currency. There is no way in or out of it through a float."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.currency import decimal_places, is_currency
from domain.errors import InvalidInput

LARGEST_MINOR_UNITS = 2**63 - 1
"""What a PostgreSQL bigint holds; nothing larger can be booked."""

_DECIMAL_TEXT = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]{0,17})(?:\.(?P<fraction>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, possibly negative. Arithmetic and comparison across currencies raise ValueError."""

    minor_units: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is not a whole number (a bool is not one either) or not a currency."""
        if type(self.minor_units) is not int:
            raise TypeError("minor units are an int")
        if abs(self.minor_units) > LARGEST_MINOR_UNITS:
            raise ValueError("the amount is too large to be booked")
        if not is_currency(self.currency):
            raise ValueError("the currency is not an ISO 4217 code")

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in a currency."""
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """The sum of any number of amounts, zero for none."""
        return sum(amounts, cls.zero(currency))

    @classmethod
    def parse(cls, text: str, currency: str, *, field: str) -> Money:
        """Read a decimal string such as ``12.34`` exactly; raise InvalidInput naming the field.

        No exponent, no plus sign, no separators, no surrounding blanks, and never more decimal places than the currency
        has: a fraction of a cent is refused, not rounded.
        """
        if not is_currency(currency):
            raise InvalidInput(field, "Not an ISO 4217 currency code.", code="invalid_currency")
        match = _DECIMAL_TEXT.fullmatch(text)
        if match is None:
            raise InvalidInput(field, 'Must be a decimal string such as "12.34".', code="invalid_amount")
        places = decimal_places(currency)
        fraction = match["fraction"] or ""
        if len(fraction) > places:
            raise InvalidInput(field, f"{currency} has at most {places} decimal places.", code="invalid_amount")
        minor_units = int(match["whole"] + fraction.ljust(places, "0"))
        if minor_units > LARGEST_MINOR_UNITS:
            raise InvalidInput(field, "The amount is too large.", code="invalid_amount")
        return cls(-minor_units if match["sign"] else minor_units, currency)

    def decimal_text(self) -> str:
        """The amount with all its decimal places and no currency, as partners and people read it: ``-12.30``."""
        places = decimal_places(self.currency)
        digits = str(abs(self.minor_units)).rjust(places + 1, "0")
        sign = "-" if self.minor_units < 0 else ""
        if places == 0:
            return sign + digits
        return f"{sign}{digits[:-places]}.{digits[-places:]}"

    def __str__(self) -> str:
        """The amount and its currency: ``12.30 USD``."""
        return f"{self.decimal_text()} {self.currency}"

    def __add__(self, other: Money) -> Money:
        """Sum."""
        return Money(self.minor_units + self._same_currency(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Difference."""
        return Money(self.minor_units - self._same_currency(other), self.currency)

    def __neg__(self) -> Money:
        """The same amount the other way."""
        return Money(-self.minor_units, self.currency)

    def __mul__(self, count: int) -> Money:
        """So many times this amount; a fraction is a TypeError, see `prorate`."""
        return Money(self.minor_units * count, self.currency)

    def __bool__(self) -> bool:
        """Whether it is anything at all."""
        return self.minor_units != 0

    def __lt__(self, other: Money) -> bool:
        """Less than."""
        return self.minor_units < self._same_currency(other)

    def __le__(self, other: Money) -> bool:
        """At most."""
        return self.minor_units <= self._same_currency(other)

    def __gt__(self, other: Money) -> bool:
        """More than."""
        return self.minor_units > self._same_currency(other)

    def __ge__(self, other: Money) -> bool:
        """At least."""
        return self.minor_units >= self._same_currency(other)

    def prorate(self, numerator: int, denominator: int) -> Money:
        """The share numerator/denominator, half a minor unit rounded away from zero."""
        if numerator < 0 or denominator <= 0:
            raise ValueError("a share is a non-negative number over a positive one")
        rounded = (2 * abs(self.minor_units) * numerator + denominator) // (2 * denominator)
        return Money(-rounded if self.minor_units < 0 else rounded, self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by weights without losing or making a minor unit.

        Each part is rounded towards zero; what is left goes one minor unit each to the parts that lost most, the
        earlier one first among equals.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights are non-negative and not all zero")
        size = abs(self.minor_units)
        parts = [size * weight // total for weight in weights]
        by_loss = sorted(range(len(parts)), key=lambda index: (-(size * weights[index] % total), index))
        for index in by_loss[: size - sum(parts)]:
            parts[index] += 1
        return [Money(-part if self.minor_units < 0 else part, self.currency) for part in parts]

    def _same_currency(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor_units
