"""The parts of docs/api.md that follow from the code: `python -m tests.api.documentation` writes them anew."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api import problems
from api.problem_handlers import _REFUSALS
from api.routes import ROUTERS
from domain import errors
from tests.api.routes import ROUTES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "api.md"
PACKAGES = ("api", "services", "domain", "db")
# by class: the argument that is the code, its place, and what it is when not given
CODES = {
    "StateConflict": ("code", 0, None),
    "InvalidInput": ("code", None, "invalid_input"),
    "LimitExceeded": ("code", None, "limit_exceeded"),
    "NotFound": ("code", None, "not_found"),
    "PermissionDenied": ("code", None, "permission_denied"),
    "Unauthenticated": ("code", None, "unauthenticated"),
    "Unavailable": ("code", None, "unavailable"),
}


@dataclass(frozen=True, order=True)
class Code:
    """A problem's code, the status it comes with, and what is said and to be done."""

    code: str
    status: int
    says: str
    next_step: str


def routes() -> str:
    """Every route, by noun."""
    lines = []
    for noun in dict.fromkeys(route.operation["tags"][0] for route in ROUTES):
        lines += [f"\n**{noun}**\n", "| | does | scope |", "|---|---|---|"]
        for route in ROUTES:
            if route.operation["tags"][0] == noun:
                does = route.operation["description"].split("\n")[0].split(". ")[0].rstrip(".")
                scope = SCOPES.get((route.method, route.path), "")
                lines.append(f"| `{route.method} {route.path}` | {does} | {f'`{scope}`' if scope else ''} |")
    return "\n".join(lines)


def codes() -> str:
    """Every code, with its status."""
    lines = ["| code | status | says | what to do |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| `{c.code}` | {c.status} | {c.says} | {c.next_step} |" for c in found_codes())])


def found_codes() -> list[Code]:
    """The codes in the code, each once."""
    found: dict[str, Code] = {}
    for path in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for code in _of(node):
                found.setdefault(code.code, code)
    for status, (name, says) in _REFUSALS.items():
        found[name] = Code(name, int(status), says, problems._NEXT_STEP["caller", "after_change"])
    for name in ("invalid_json", "invalid_utf8"):
        says = f"The body is not valid {'JSON' if name == 'invalid_json' else 'UTF-8'}."
        found[name] = Code(name, 400, says, problems._NEXT_STEP["caller", "after_change"])
    for error in _built_in():
        found[error.code] = _code(type(error), error.code, error.message, error.retry, error.who_must_act)
    return sorted(found.values())


def _of(node: ast.AST) -> Iterator[Code]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CODES:
        return
    name, place, default = CODES[node.func.id]
    given: dict[str, ast.expr] = {item.arg: item.value for item in node.keywords if item.arg}
    code = given.get(name) or (node.args[place] if place is not None and len(node.args) > place else None)
    value = default if code is None else _text(code)
    if value is None or "…" in value:
        return
    kind = getattr(errors, node.func.id)
    message = _message(node, kind)
    sample = _sample(kind)
    retry = _text(given["retry"]) if "retry" in given else sample.retry
    actor = _text(given["who_must_act"]) if "who_must_act" in given else sample.who_must_act
    yield _code(kind, value, message, str(retry), str(actor))


def _message(node: ast.Call, kind: type[errors.BursarError]) -> str:
    place = {"StateConflict": 1, "InvalidInput": 1}.get(kind.__name__, 0)
    if kind is errors.NotFound:
        return "There is no such object, or it is another organization's."
    if len(node.args) <= place:
        return _sample(kind).message
    return _text(node.args[place]) or _sample(kind).message


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "…"
    return None


def _sample(kind: type[errors.BursarError]) -> errors.BursarError:
    arguments: dict[type[Any], tuple[str, ...]] = {
        errors.StateConflict: ("state", "The object is not in a state that allows this."),
        errors.InvalidInput: ("field", "The value can never be accepted."),
        errors.LimitExceeded: ("A limit would be passed.",),
        errors.NotFound: ("object",),
        errors.PermissionDenied: ("The key may not do this.",),
        errors.Unavailable: ("A part that is needed is away.",),
    }
    return kind(*arguments.get(kind, ()))  # type: ignore[call-arg]


def _built_in() -> Iterator[errors.BursarError]:
    """Errors that are their own code."""
    yield errors.IdempotencyKeyMissing()
    yield errors.IdempotencyKeyReused()
    yield errors.RequestStillRunning()
    yield errors.RateLimited(retry_after=1)
    yield errors.EvidenceMismatch()
    yield errors.ContradictionOpen()
    yield errors.WalletBusy()
    yield errors.StaleToken()
    yield errors.InsufficientFunds()


def _code(kind: type[errors.BursarError], code: str, message: str, retry: str, actor: str) -> Code:
    status = next((status for known, status in problems._STATUS if issubclass(kind, known)), HTTPStatus(500))
    steps: Mapping[Any, str] = problems._NEXT_STEP
    step = steps.get((actor, retry), "Ask the operators, with the request id.")
    return Code(code, int(status), message.replace("|", "\\|"), step)


def _scopes() -> Iterator[tuple[tuple[str, str], str]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for scope in _needed(route.dependant):
                    for method in route.methods or ():
                        yield (method, route.path), scope


def _needed(dependant: Dependant) -> Iterator[str]:
    for inner in dependant.dependencies:
        if getattr(inner.call, "__qualname__", "").startswith("needs."):
            (cell,) = inner.call.__closure__ or ()  # type: ignore[union-attr]
            yield cell.cell_contents
        yield from _needed(inner)


SCOPES = dict(_scopes())
SECTIONS = {"routes": routes, "codes": codes}


def rendered(page: str) -> str:
    """The page with its generated sections as they must be."""
    for name, render in SECTIONS.items():
        begin, end = f"<!-- {name}: generated -->", f"<!-- end of {name} -->"
        text = f"{begin}\n{render()}\n{end}"
        page = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _, text=text: text, page, flags=re.DOTALL)  # type: ignore[misc]
    return page


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
