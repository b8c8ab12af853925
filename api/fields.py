"""Shapes that requests and answers share: strict amounts, currencies, models that know no unknown fields."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, Strict
from pydantic_core import CoreSchema

from api.strict_schema import make_strict
from domain.currency import is_currency

LARGEST_AMOUNT = 10**15
"""Ten million million in a currency with cents: larger is a mistake, and sums of such amounts still fit a bigint."""


def _currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError("Not an ISO 4217 currency code.")
    return code


def printable(text: str) -> str:
    """Refuse control characters."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("Must not hold control characters.")
    return text


PositiveAmount = Annotated[
    int,
    Strict(),
    Field(gt=0, le=LARGEST_AMOUNT, description="whole number of minor units (cents)", examples=[15000]),
]
"""An amount in a request. 150.00, "15000", true and 1e4 are refused."""

Currency = Annotated[
    str,
    Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$", description="ISO 4217", examples=["USD"]),
    AfterValidator(_currency),
]

Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
"""One line of text for people."""


class RequestModel(BaseModel):
    """A request's body or a part of one. Unknown fields are refused, and errors do not repeat what was sent."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=False, frozen=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Numbers, truth values and dates are taken only in JSON's own form, and texts have an end."""
        return make_strict(handler(source))


class ResponseModel(BaseModel):
    """An answer's body or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
