"""The sandbox is written from the contracts a second time: it may share nothing with the product."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = {"sandbox", "starlette", "fastapi", "pydantic", "uvicorn", "httpx", "aiosmtpd"}


def test_the_sandbox_imports_nothing_of_the_product() -> None:
    imported: set[str] = set()
    for path in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.level == 0, path
                imported.add(node.module.split(".")[0])
    assert imported - sys.stdlib_module_names <= ALLOWED
