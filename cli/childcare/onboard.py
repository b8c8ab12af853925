"""What onboarding has still to do for whom, read from the API alone, and doing it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal

from cli.api import Api, RefusedError
from cli.childcare.people import Line
from domain.childcare_person import not_taken
from domain.onboarding import OPEN

Deed = Literal["register", "onboard", "retry", "wait", "nothing", "details_missing", "refused"]


@dataclass(frozen=True, slots=True)
class Whom:
    """Which people: their list in the API, and how an onboarding names one of them."""

    path: str
    reference: Literal["family_id", "provider_id"]


FAMILIES = Whom("/v1/families", "family_id")
PROVIDERS = Whom("/v1/providers", "provider_id")


@dataclass(frozen=True, slots=True)
class Due:
    """One person and what is to be done. `id` is None before the person is registered."""

    external_id: str
    id: str | None
    deed: Deed
    code: str = ""
    line: Line | None = None
    onboarding_id: str | None = None


def of_file(api: Api, whom: Whom, people: Sequence[Line]) -> list[Due]:
    """What each line of a file comes to; what the API would refuse of it is found before anything is done."""
    known = {program["id"] for program in api.all("/v1/programs")}
    return [_of_line(api, whom, line, known) for line in people]


def of_registered(api: Api, whom: Whom, external_id: str | None) -> list[Due]:
    """Those who are registered and have no wallet: without a file only what stopped can be tried again."""
    found = []
    for person in api.all(whom.path, external_id=external_id):
        if not _has_wallet(person):
            due = _standing(api, whom, person, None)
            found.append(due or Due(person["external_id"], person["id"], "details_missing"))
    return found


def _of_line(api: Api, whom: Whom, line: Line, programs: AbstractSet[str]) -> Due:
    refused = not_taken(line.fields)
    if refused is None and line.fields.get("program_id") not in {None, *programs}:
        refused = "program_id"
    if refused is not None:
        return Due(line.external_id, None, "refused", f"{refused} is not taken", line)
    registered = next(iter(api.all(whom.path, external_id=line.external_id)), None)
    if registered is None:
        return Due(line.external_id, None, "register", line=line)
    standing = _standing(api, whom, registered, line)
    if standing is not None:
        return standing
    settings = registered.get("payment_settings") or {}
    is_set_up = line.fields.get("method") in (None, settings.get("method"))
    done = _has_wallet(registered) and is_set_up
    return Due(line.external_id, registered["id"], "nothing" if done else "onboard", line=line)


def _standing(api: Api, whom: Whom, person: Any, line: Line | None) -> Due | None:
    """What an onboarding that is open asks for: another try, or nothing but time."""
    newest = next(iter(api.all("/v1/onboardings", **{whom.reference: person["id"]})), None)
    if newest is None or newest["ended_at"] is not None:
        return None
    deed: Deed = "wait" if newest["state"] in OPEN else "retry"
    return Due(person["external_id"], person["id"], deed, newest["code"] or "", line, newest["id"])


def _has_wallet(person: Any) -> bool:
    return bool(person.get("chek_user_id") or person.get("payment_settings"))


def carry_out(api: Api, whom: Whom, due: Due) -> str:
    """Do it; the onboarding's id. Raises RefusedError."""
    if due.deed in ("retry", "wait"):
        if due.deed == "retry":
            api.post(f"/v1/onboardings/{due.onboarding_id}/retry", {"reason": "retried from the command line"})
        return str(due.onboarding_id)
    if due.line is None:
        raise ValueError("nobody is made known to Chek without details")
    person_id, begun = due.id, ""
    if person_id is None:
        kind = {"kind": "home"} if whom is PROVIDERS else {}
        person_id = api.post(whom.path, kind | due.line.registration)["id"]
        begun = f"registered as {person_id}, not onboarded; "
    body: dict[str, Any] = {whom.reference: person_id, "person": due.line.person}
    body |= {name: due.line.fields[name] for name in ("method", "program_id") if name in due.line.fields}
    try:
        return str(api.post("/v1/onboardings", body)["id"])
    except RefusedError as refusal:
        raise refusal.after(begun) from None
