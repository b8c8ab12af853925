"""Chek's refusals. The real shape of its error bodies is unknown: nobody may depend on this one."""

from typing import Any


class ChekError(Exception):
    """A refusal; nothing happened."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        self.status = status
        self.code = code  # for the journal
        self.document: dict[str, Any] = {"detail": detail}
        super().__init__(code)


def invalid(field: str, reason: str) -> ChekError:
    error = ChekError(400, f"invalid_{field}", "Invalid input.")
    error.document = {field: [reason]}
    return error


def not_found() -> ChekError:
    return ChekError(404, "not_found", "Not found.")
