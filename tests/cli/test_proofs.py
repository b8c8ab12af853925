"""`bursar ledger check` and the other commands that prove something: what they print and how they end."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Integer, Table
from typer.testing import CliRunner

from cli import migrations
from cli.embedded.failure import StartFailedError
from cli.embedded.ports import free_port
from cli.main import app
from contracts.payout_reconciliation import PayoutReconciliationReport
from db.audit.verify import ChainReport
from db.crypto.keyring import Keyring
from db.ledger.report import Difference, NotComparable, Report
from db.tables import metadata


@pytest.fixture
def given_database(migrated, database_name, monkeypatch):
    """An empty database; the partners are away."""
    monkeypatch.setenv("BURSAR_DATABASE__URL", migrated.app_url(database_name))
    monkeypatch.setenv("BURSAR_KEYRING__KEYS", Keyring.generate().to_json())
    for name in ("EPX", "CHEK", "COLUMN", "PAYPAL"):
        monkeypatch.setenv(f"BURSAR_SANDBOX__{name}_PORT", str(free_port()))


def test_right_books_end_with_0(given_database):
    told = CliRunner().invoke(app, ["ledger", "check"])
    assert told.exit_code == 0, told.output
    assert "✓ balances equal entries" in told.output
    assert told.output.endswith("the books are right\n")


def test_wrong_books_end_with_1_and_the_difference(given_database, monkeypatch):
    async def wrong(_connection, _books):
        return Report(
            proofs=("sums are zero", "balances equal entries"),
            differences=(Difference("balances equal entries", "org:1:cash", "100", "99"),),
            not_comparable=(NotComparable("epx", "[batch]", "the rail has no list"),),
        )

    monkeypatch.setattr("db.ledger.check.check_books", wrong)
    told = CliRunner().invoke(app, ["ledger", "check"])
    assert told.exit_code == 1
    assert told.output.splitlines() == [
        "✓ sums are zero",
        "✗ balances equal entries",
        "? epx [batch]: not comparable: the rail has no list",
        "balances equal entries: org:1:cash: expected 100, found 99",
    ]


def test_lists_that_cannot_be_read_end_with_1(given_database, monkeypatch):
    async def long_ago(_uow, _rail):
        return datetime(2026, 1, 5, tzinfo=UTC)

    monkeypatch.setattr("db.queries.payout_reconciliation.first_sent", long_ago)
    told = CliRunner().invoke(app, ["reimbursements", "reconcile"])
    assert told.exit_code == 1
    assert "0 transfers looked at; 0 told something that no webhook had" in told.output
    assert "5 lists could not be read" in told.output


def test_before_the_first_payout_there_is_nothing_to_look_at(given_database):
    told = CliRunner().invoke(app, ["reimbursements", "reconcile"])
    assert told.exit_code == 0, told.output
    assert told.output == "0 transfers looked at; 0 told something that no webhook had\n"


def test_what_a_look_found_is_told_with_its_cases(given_database, monkeypatch):
    async def look(_self):
        return PayoutReconciliationReport(looked_at=7, missed=2, unknown=1, missing=3)

    monkeypatch.setattr("activities.payout_reconciliation.PayoutReconciliation.look", look)
    told = CliRunner().invoke(app, ["reimbursements", "reconcile"])
    assert told.exit_code == 0, told.output
    assert told.output.splitlines() == [
        "7 transfers looked at; 2 told something that no webhook had",
        "new cases: 1 made by nobody here (bursar cases list)",
        "new cases: 3 missing (bursar cases list)",
    ]


def test_a_sound_trail_ends_with_0_and_its_head(given_database):
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert told.exit_code == 0, told.output
    assert "rows are sealed and unchanged" in told.output
    head = told.output.split("head ")[1].split(":")[0]
    assert CliRunner().invoke(app, ["audit", "verify", "--head", head]).exit_code == 0
    assert CliRunner().invoke(app, ["audit", "verify", "--head", "00" * 32]).exit_code == 1


def test_a_broken_trail_ends_with_1_and_its_first_bad_row(given_database, monkeypatch):
    async def broken(_connection, _head):
        return ChainReport("the row was changed", 7, 2, 3, sealed=6, unsealed=0, head=b"")

    monkeypatch.setattr("db.audit.verify.verify_chain", broken)
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert told.exit_code == 1
    assert told.output == "the audit trail is broken: the row was changed (block 2, row 7 at position 3)\n"


def test_a_head_that_is_not_hexadecimal_is_refused():
    assert CliRunner().invoke(app, ["audit", "verify", "--head", "xyz"]).exit_code == 2


def test_a_table_without_a_migration_is_found():
    forgotten = Table("forgotten", metadata, Column("id", Integer))
    try:
        with pytest.raises(StartFailedError, match=r"the migrations do not give the tables in db/tables: .*forgotten"):
            migrations.check_on_throw_away_server()
    finally:
        metadata.remove(forgotten)
