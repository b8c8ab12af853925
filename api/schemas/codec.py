"""Payloads as Temporal's remote codec contract writes them: protobuf's JSON, bytes in base64."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EncodedBytes, EncoderProtocol, Field
from pydantic_core import PydanticCustomError

MOST_PAYLOADS = 2000


class _Base64(EncoderProtocol):
    """Standard base64, read strictly: pydantic's own skips what it does not know."""

    @classmethod
    def decode(cls, data: bytes) -> bytes:
        try:
            return b64decode(data, validate=True)
        except (NotBase64, ValueError):
            raise PydanticCustomError("base64_decode", "Must be base64.") from None

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return b64encode(value)

    @classmethod
    def get_json_format(cls) -> Literal["base64"]:
        return "base64"


Bytes = Annotated[bytes, EncodedBytes(encoder=_Base64)]


class CodecPayload(BaseModel):
    """One payload. What else newer servers may send along is left out."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    metadata: dict[Annotated[str, Field(max_length=200)], Bytes] = Field(
        default_factory=dict, max_length=50, examples=[{"encoding": "anNvbi9wbGFpbg=="}]
    )
    data: Bytes = Field(default=b"", examples=["InNlZW4i"])


class CodecPayloads(BaseModel):
    """Payloads in order; the answer has one for each."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    payloads: Annotated[list[CodecPayload], Field(max_length=MOST_PAYLOADS)]
