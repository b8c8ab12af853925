"""What onboarding has still to do for whom, read from the API alone, and doing it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console

from cli.api import Api
from cli.childcare.batch import progress_bar
from cli.childcare.people import Line
from domain.clock import steady_seconds

Deed = Literal["register", "onboard", "retry", "wait", "nothing", "details_missing"]
UNDER_WAY = ("submitted", "known")
LOOK_EVERY_SECONDS = 0.5
LONGEST_SECONDS = 300.0


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
    """What each line of a file comes to."""
    return [_of_line(api, whom, line) for line in people]


def of_registered(api: Api, whom: Whom, external_id: str | None) -> list[Due]:
    """Those who are registered and have no wallet: without a file only what stopped can be tried again."""
    found = []
    for person in api.all(whom.path, external_id=external_id):
        if not _has_wallet(person):
            due = _standing(api, whom, person, None)
            found.append(due or Due(person["external_id"], person["id"], "details_missing"))
    return found


def _of_line(api: Api, whom: Whom, line: Line) -> Due:
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
    deed: Deed = "wait" if newest["state"] in UNDER_WAY else "retry"
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
    person_id = due.id
    if person_id is None:
        kind = {"kind": "home"} if whom is PROVIDERS else {}
        person_id = api.post(whom.path, kind | due.line.registration)["id"]
    body: dict[str, Any] = {whom.reference: person_id, "person": due.line.person}
    body |= {name: due.line.fields[name] for name in ("method", "program_id") if name in due.line.fields}
    return str(api.post("/v1/onboardings", body)["id"])


def watch(api: Api, console: Console, asked: Mapping[str, str]) -> bool:
    """Wait until all have ended or stopped, or for five minutes, and say what became of each. False if one stopped."""
    deadline, states = steady_seconds() + LONGEST_SECONDS, {}
    with progress_bar(console) as progress:
        task = progress.add_task("at Chek", total=len(asked))
        for onboarding_id in asked:
            states[onboarding_id] = _at_rest(api, onboarding_id, deadline)
            progress.advance(task)
    for onboarding_id, name in asked.items():
        seen = states[onboarding_id]
        console.print(f"{name}: {seen['state']} {seen['code'] or ''}".rstrip(), markup=False, highlight=False)
    return all(seen["state"] != "stopped" for seen in states.values())


def _at_rest(api: Api, onboarding_id: str, deadline: float) -> Any:
    while True:
        seen = api.get(f"/v1/onboardings/{onboarding_id}")
        if seen["state"] not in UNDER_WAY or steady_seconds() >= deadline:
            return seen
        time.sleep(LOOK_EVERY_SECONDS)
