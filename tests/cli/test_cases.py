"""`bursar cases`: what belongs to no organization is seen, and closed for good."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from activities.inbox import Inbox
from activities.inbox_store import InboxStore
from activities.money_call_find import Backoff
from cli import cases
from db.crypto.keyring import Keyring
from db.engine import Database
from db.unit_of_work import UnitOfWork
from domain.errors import InvalidInput, StateConflict
from domain.ids import new_id
from domain.inbox import InboxEvent, Received, Verdict
from services.operators import add_operator


class Nobody:
    """Knows no event's owner."""

    async def owner(self, _uow: UnitOfWork, _event: InboxEvent) -> Verdict:
        return Verdict("wait", "nobody knows the transfer")

    async def apply(self, _uow: UnitOfWork, _event: InboxEvent) -> Verdict:
        raise AssertionError


@pytest.fixture
def database_do(migrated, database_name, monkeypatch) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    keyring = Keyring.generate()
    monkeypatch.setenv("BURSAR_DATABASE__URL", migrated.app_url(database_name))
    monkeypatch.setenv("BURSAR_KEYRING__KEYS", keyring.to_json())
    monkeypatch.setenv("COLUMNS", "300")

    def do(deed: Callable[[Database], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            database = Database(migrated.app_url(database_name), keyring)
            try:
                return await deed(database)
            finally:
                await database.close()

        return asyncio.run(run())

    return do


def say(*arguments: str) -> Result:
    told = CliRunner().invoke(cases.app, arguments)
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told


async def look_at_the_inbox(database: Database) -> None:
    await asyncio.sleep(0.02)
    inbox = Inbox(database, {"test": Nobody()}, backoff=Backoff(0.01, 0.01), case_after_seconds=0)
    await inbox.process_due()


async def strange_event(database: Database) -> None:
    await InboxStore(database).store(Received("test", "e1", "told", "subject", b"whatever", None))
    await look_at_the_inbox(database)


def test_a_case_of_the_house_is_listed_and_stays_closed(database_do):
    database_do(strange_event)
    listed = say("list", "--house").output
    assert "(the house)" in listed
    assert "nobody knows the transfer" in listed
    case = next(word for word in listed.split() if word.startswith("case_"))

    with pytest.raises(InvalidInput):
        say("close", case, "--resolution", " ")
    assert say("close", case, "--resolution", "the bank sent it to us by mistake").output == f"{case} is closed\n"
    with pytest.raises(StateConflict, match="closed already"):
        say("close", case, "--resolution", "again")

    database_do(look_at_the_inbox)
    assert "case_" not in say("list").output, "its event is not looked at again"


def test_an_organizations_case_is_listed_and_not_closed_here(database_do):
    async def theirs(database: Database) -> str:
        added = await add_operator(database, organization="Ada's", name="A", email="a@example.test", actor="test")
        async with database.unit_of_work(added.organization_id, actor="test") as uow:
            await uow.open_case("loss", "ach-return", new_id(), "A return after its refund", {})
        return str(added.organization_id)

    database_do(theirs)
    assert "case_" not in say("list", "--house").output
    listed = say("list").output
    assert "Ada's" in listed
    case = next(word for word in listed.split() if word.startswith("case_"))
    with pytest.raises(StateConflict, match="its operators"):
        say("close", case, "--resolution", "no")
