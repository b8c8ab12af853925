"""What the knobs of settings.py are made of: their kinds of values, and the group that refuses misspelt names."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("not a time zone of the IANA database") from None
    return name


def _web_address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError("must start with https:// or http://")
    return url.rstrip("/")


Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
MinorUnits = Annotated[int, Field(gt=0)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Url = Annotated[str, AfterValidator(_web_address)]
Text = Annotated[str, Field(min_length=1)]
NO_SECRET = SecretStr("")


class Group(BaseModel):
    """Knobs that belong together. A misspelt name is an error, not a knob that does nothing."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, validate_default=True, frozen=True)


class RailSettings(Group):
    """What every partner over HTTP has."""

    url: Url = Field("", description="base address; empty in live: this rail is not used")
    http_timeout_seconds: Seconds = Field(30, description="longest wait for an answer once the request is written")
    connect_timeout_seconds: Seconds = Field(5, description="longest wait for a connection")
    settling_delay_seconds: Seconds = Field(60, description="after the send deadline, how long it may still be working")
