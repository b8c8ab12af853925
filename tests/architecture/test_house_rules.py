"""House rules that no linter knows, read from the syntax tree of every module that is under version control."""

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("activities", "api", "cli", "contracts", "db", "domain", "rails", "services", "storage", "workflows")
MONEY = ("contracts", "db/flows", "db/ledger", "db/money_calls", "domain", "rails", "services", "workflows")
UNFINISHED = re.compile(r"#.*\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")
CLOCK_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.localtime"}
ID_CALLS = {"uuid.uuid4", "uuid4", "uuid.uuid1", "uuid1"}
MAY_KNOW_THE_HOUR = {"domain/clock.py", "domain/ids.py"}

Modules = dict[str, ast.Module]
Rule = Callable[[ast.AST], bool]


@pytest.fixture(scope="module")
def modules() -> Modules:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    found = {path: ROOT / path for path in listed.stdout.split() if (ROOT / path).is_file()}
    assert found
    return {path: ast.parse(file.read_text(encoding="utf-8"), path) for path, file in found.items()}


def of(modules: Modules, *packages: str) -> Modules:
    return {path: tree for path, tree in modules.items() if path.startswith(tuple(f"{name}/" for name in packages))}


def guilty(modules: Modules, rule: Rule) -> list[str]:
    nodes = ((path, node) for path, tree in modules.items() for node in ast.walk(tree))
    return sorted(f"{path}:{getattr(node, 'lineno', 0)}" for path, node in nodes if rule(node))


def called(node: ast.AST) -> str:
    """The dotted name of what is called, empty when it is no plain name."""
    if not isinstance(node, ast.Call):
        return ""
    names: list[str] = []
    function: ast.expr = node.func
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    return ".".join(reversed([*names, function.id])) if isinstance(function, ast.Name) else ""


def test_nothing_is_made_a_float_where_money_is(modules):
    assert guilty(of(modules, *MONEY), lambda node: called(node) in {"float", "round", "math.fsum"}) == []


def test_the_rules_of_money_know_no_fractions_at_all(modules):
    def fractional(node: ast.AST) -> bool:
        return (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)) or (
            isinstance(node, ast.Constant) and isinstance(node.value, float)
        )

    assert guilty(of(modules, "domain"), fractional) == []


def test_the_hour_and_chance_come_from_one_place(modules):
    elsewhere = {path: tree for path, tree in of(modules, *PACKAGES).items() if path not in MAY_KNOW_THE_HOUR}
    assert guilty(elsewhere, lambda node: called(node) in CLOCK_CALLS | ID_CALLS) == []

    def imports_chance(node: ast.AST) -> bool:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        return "random" in names or (isinstance(node, ast.ImportFrom) and node.module == "random")

    assert guilty(elsewhere, imports_chance) == []


def test_no_error_is_swallowed(modules):
    def swallows(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        broad = isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
        silent = all(isinstance(step, (ast.Pass, ast.Continue)) for step in node.body)
        return node.type is None or (broad and silent)

    def suppresses(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call)
            and called(node) in {"suppress", "contextlib.suppress"}
            and any(isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"} for kind in node.args)
        )

    assert guilty(of(modules, *PACKAGES), lambda node: swallows(node) or suppresses(node)) == []


def test_only_the_unit_of_work_ends_a_transaction(modules):
    ours = {path: tree for path, tree in of(modules, *PACKAGES).items() if not path.startswith("db/migrations/")}
    assert guilty(ours, lambda node: called(node).endswith((".commit", ".rollback"))) == []


def test_http_is_known_to_the_api_and_the_rails_only(modules):
    def names_http(node: ast.AST) -> bool:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        return any(name.split(".")[0] in {"fastapi", "starlette", "http"} for name in names)

    assert guilty(of(modules, "contracts", "db", "domain", "services", "workflows"), names_http) == []


def test_every_status_of_our_own_errors_is_in_one_file(modules):
    def answers_by_itself(node: ast.AST) -> bool:
        return called(node) in {"JSONResponse", "PlainTextResponse", "ORJSONResponse"}

    api = {path: tree for path, tree in of(modules, "api").items() if path != "api/problems.py"}
    assert guilty(api, answers_by_itself) == []


def test_every_module_says_what_it_is(modules):
    ours = of(modules, *PACKAGES, "sandbox")
    silent = [path for path, tree in ours.items() if tree.body and ast.get_docstring(tree) is None]
    assert silent == []


def test_public_things_of_the_inner_layers_are_described(modules):
    def undescribed(node: ast.AST) -> bool:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return isinstance(node, kinds) and not node.name.startswith("_") and ast.get_docstring(node) is None

    inner = of(modules, "domain", "services")
    top = {path: ast.Module([node for node in tree.body if undescribed(node)], []) for path, tree in inner.items()}
    assert [path for path, tree in top.items() if tree.body] == []


def test_nothing_is_left_for_later(modules):
    lines = (
        (f"{path}:{number}", line)
        for path in modules
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
    )
    assert [place for place, line in lines if UNFINISHED.search(line)] == []


def test_no_test_is_switched_off(modules):
    def switched_off(node: ast.AST) -> bool:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return False
        return any(re.match(r"pytest\.mark\.(skip|xfail)", ast.unparse(decorator)) for decorator in node.decorator_list)

    assert guilty(of(modules, "tests"), switched_off) == []


def test_the_functions_fit_on_a_screen(modules):
    def too_long(node: ast.AST) -> bool:
        return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
            (node.end_lineno or node.lineno) - node.lineno > 70
        )

    assert guilty(of(modules, *PACKAGES), too_long) == []


def test_no_step_of_a_workflow_gives_up_after_so_many_tries(modules: Modules) -> None:
    """An outage is as long as it is: steps are bounded by time where they are bounded at all."""

    def counts_tries(node: ast.AST) -> bool:
        return isinstance(node, ast.keyword) and node.arg == "maximum_attempts"

    assert guilty(of(modules, "workflows"), counts_tries) == []
