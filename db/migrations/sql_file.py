"""Run one of the migrations' SQL files, statement by statement (asyncpg prepares one statement at a time)."""

from collections.abc import Iterator
from pathlib import Path

from alembic import op

_FOLDER = Path(__file__).parent / "sql"


def statements(script: str) -> Iterator[str]:
    """Split at semicolons that end a line, outside of $$ bodies."""
    statement: list[str] = []
    in_body = False
    for line in script.splitlines():
        if not statement and (not line.strip() or line.lstrip().startswith("--")):
            continue
        statement.append(line)
        if line.count("$$") % 2:
            in_body = not in_body
        if not in_body and line.rstrip().endswith(";"):
            yield "\n".join(statement).rstrip().rstrip(";")
            statement = []
    if statement:
        raise ValueError("a statement has no end: " + statement[0])


def run_sql_file(name: str) -> None:
    """Run `db/migrations/sql/<name>` inside the migration's transaction."""
    connection = op.get_bind()
    for statement in statements((_FOLDER / name).read_text(encoding="utf-8")):
        connection.exec_driver_sql(statement)
