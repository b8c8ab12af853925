"""What a migration does to a database that the release before still uses, read from its source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "db" / "migrations"
HARMS = {
    "drop table": r"\bdrop table\b|\bop\.drop_table\b",
    "drop column": r"\bdrop column\b|\bop\.drop_column\b",
    "rename": r"\brename (to|column|constraint)\b|\bop\.rename_table\b|\bnew_column_name\b",
    "change of type": r"\balter column \S+ (set data )?type\b|\btype_\b",
}
"""Of each: what the release before would still read, write or call as it was."""

_COLUMN = r"\balter column (?P<column>[\w.\"{}]+)"
_NOT_NULL = re.compile(_COLUMN + r" set not null|\bnullable=false\b")
_NEW_COLUMN = re.compile(r"\badd column (if not exists )?(?P<rest>[^,;]*)")
_INDEX = re.compile(
    r"\bcreate (unique )?index (?P<concurrently>concurrently )?(if not exists )?\S+ on (only )?(?P<table>[\w.{}\"]+)"
)
_NEW_TABLE = re.compile(r"\bcreate table (if not exists )?(?P<table>[\w.\"]+)")
_FUNCTION = re.compile(r"\b(?P<verb>drop|create|create or replace) function (if exists )?(?P<name>[\w.]+)")


def harms(upgrade: str) -> set[str]:
    """What in an upgrade's SQL (and calls of Alembic) does not go beside the release before."""
    sql = re.sub(r"\s+", " ", re.sub(r"--[^\n]*", " ", upgrade)).lower()
    found = {harm for harm, pattern in HARMS.items() if re.search(pattern, sql)}
    if any(not _has_default(sql, match["column"]) for match in _NOT_NULL.finditer(sql)) or any(
        "not null" in match["rest"] and "default" not in match["rest"] and "generated" not in match["rest"]
        for match in _NEW_COLUMN.finditer(sql)
    ):
        found.add("not null")
    new = {_bare(match["table"]) for match in _NEW_TABLE.finditer(sql)}
    indexes = [match for match in _INDEX.finditer(sql) if _bare(match["table"]) not in new]
    if any(not match["concurrently"] for match in indexes) or "op.create_index" in sql:
        found.add("create index")
    functions: dict[str, set[str]] = {"drop": set(), "create": set()}
    for match in _FUNCTION.finditer(sql):
        functions[match["verb"].split()[0]].add(_bare(match["name"]))
    if functions["drop"] - functions["create"]:
        found.add("drop function")
    return found


def _has_default(sql: str, column: str | None) -> bool:
    return column is not None and f"alter column {column} set default" in sql


def _bare(name: str) -> str:
    return name.replace('"', "").removeprefix("public.")


@dataclass(frozen=True)
class Migration:
    """One file of versions."""

    path: Path

    @cached_property
    def _tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def revision(self) -> str:
        """Its number."""
        return str(self._assigned("revision"))

    @property
    def no_harm(self) -> dict[str, str]:
        """Harm to the reason why it is none here, as the migration says it."""
        return dict(self._assigned("NO_HARM") or {})

    @property
    def upgrade(self) -> str:
        """All text of the module but its docstrings and its `downgrade`, and the SQL files that it runs."""
        return ";\n".join(self._texts())

    def _texts(self) -> Iterator[str]:
        steps = [
            step
            for step in self._tree.body
            if not (isinstance(step, ast.FunctionDef) and step.name == "downgrade") and not _assigns(step, "NO_HARM")
        ]
        for step in steps:
            for node in ast.walk(step):
                if isinstance(node, ast.Call) and not _runs_sql(node):
                    yield ast.unparse(node.func) + " " + " ".join(ast.unparse(word) for word in node.keywords)
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "run_sql_file":
                    yield (FOLDER / "sql" / ast.literal_eval(node.args[0])).read_text(encoding="utf-8")
                if isinstance(node, ast.JoinedStr):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and not self._is_docstring(node):
                    yield node.value

    def _is_docstring(self, node: ast.Constant) -> bool:
        documented = [step for step in ast.walk(self._tree) if isinstance(step, ast.FunctionDef | ast.Module)]
        first = [step.body[0] for step in documented if step.body]
        return any(isinstance(step, ast.Expr) and step.value is node for step in first)

    def _assigned(self, name: str) -> Any:
        values = [step.value for step in self._tree.body if isinstance(step, ast.Assign) and _assigns(step, name)]
        return ast.literal_eval(values[0]) if values else None


def _assigns(step: ast.stmt, name: str) -> bool:
    return isinstance(step, ast.Assign) and [ast.unparse(target) for target in step.targets] == [name]


def _runs_sql(node: ast.Call) -> bool:
    return ast.unparse(node.func) in ("op.execute", "run_sql_file")


def migrations() -> list[Migration]:
    """All of them, in their order."""
    found = [Migration(path) for path in (FOLDER / "versions").glob("[0-9]*.py")]
    return sorted(found, key=lambda migration: migration.revision)
