"""Settings as the environment variables of a process of its own."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from settings import Settings


def environment_of(settings: Settings) -> dict[str, str]:
    """What a program must be told to read the same settings."""
    told: dict[str, str] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            for knob in type(value).model_fields:
                _tell(told, f"BURSAR_{name}__{knob}", getattr(value, knob))
        else:
            _tell(told, f"BURSAR_{name}", value)
    return told


def _tell(told: dict[str, str], name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    elif isinstance(value, (set, frozenset, list, tuple)):
        value = json.dumps(sorted(value))
    elif isinstance(value, Path):
        value = str(value)
    told[name.upper()] = str(value)
