"""The people of an onboarding batch, as a CSV file has them: one line each, columns by their names."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.embedded.failure import StartFailedError

REQUIRED = ("external_id", "first_name", "last_name", "email", "phone", "line1", "city", "state", "postal_code")
OPTIONAL = ("name", "language", "line2", "country_code")
OF_PROVIDERS = ("kind", "method", "program_id")
ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country_code")


@dataclass(frozen=True, slots=True)
class Line:
    """One person; empty cells are left out. Never printed but for the caller's own id."""

    fields: Mapping[str, str]

    @property
    def external_id(self) -> str:
        """The caller's own id."""
        return self.fields["external_id"]

    @property
    def person(self) -> dict[str, Any]:
        """As `POST /v1/onboardings` takes it."""
        found: dict[str, Any] = {name: self.fields[name] for name in ("first_name", "last_name", "email", "phone")}
        return found | {"address": {name: self.fields[name] for name in ADDRESS if name in self.fields}}

    @property
    def registration(self) -> dict[str, Any]:
        """As families and providers are registered; a provider is a home unless the file says otherwise."""
        name = self.fields.get("name") or f"{self.fields['first_name']} {self.fields['last_name']}"
        found = {"external_id": self.external_id, "name": name, "email": self.fields["email"]}
        return found | {name: self.fields[name] for name in ("language", "kind") if name in self.fields}


def read_people(path: Path, *, providers: bool) -> list[Line]:
    """The file's people in its order. Raises StartFailedError naming the line that lacks something."""
    known = (*REQUIRED, *OPTIONAL, *(OF_PROVIDERS if providers else ()))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            strange = [name for name in reader.fieldnames or () if name not in known]
            if strange:
                raise StartFailedError(f"{path.name}: no column is called {strange[0]}")
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeError, csv.Error) as error:
        raise StartFailedError(f"{path.name} cannot be read ({type(error).__name__})") from None
    people, ids = [], set()
    for number, row in lines:
        fields = {name: text.strip() for name, text in row.items() if name is not None and text and text.strip()}
        missing = [name for name in REQUIRED if name not in fields]
        if missing:
            raise StartFailedError(f"{path.name}, line {number}: {missing[0]} is missing")
        if fields["external_id"] in ids:
            raise StartFailedError(f"{path.name}, line {number}: its external_id stands there twice")
        ids.add(fields["external_id"])
        people.append(Line(fields))
    return people
