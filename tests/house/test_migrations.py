"""A migration works while the release before it still runs: docs/runbooks/deploy.md promises to stop nothing."""

from pathlib import Path

import pytest

from tests.house.migrations import FOLDER, Migration, harms, migrations

FIRST_RELEASE = "0032"
"""Up to and including this one everything is stopped for an upgrade: no release before it is in use."""
STOPPED_FOR = {"0030": {"create index"}, "0032": {"drop column"}}
"""What would be refused of a later one."""
LEAST_REASON = 20
MIGRATION = '''
"""Drop column, rename to: words of a docstring."""
revision = "0099"
{constant}
def upgrade() -> None:
    """Rename column."""
    op.execute({statement!r})
def downgrade() -> None:
    op.execute("alter table thing drop column note")
'''


@pytest.mark.parametrize(
    ("statement", "harm"),
    [
        ("drop table thing", {"drop table"}),
        ("alter table thing drop column note", {"drop column"}),
        ("alter table thing\n    rename column note to remark", {"rename"}),
        ("alter table thing rename to matter", {"rename"}),
        ("alter table thing alter column note type varchar(10)", {"change of type"}),
        ("alter table thing alter column note set not null", {"not null"}),
        ("alter table thing add column size bigint not null", {"not null"}),
        ("create index ix_thing_note on public.thing (note)", {"create index"}),
        ("drop function tell(text)", {"drop function"}),
        ("-- drop column note\nselect 1", set()),
        ("alter table thing alter column note set default ''; alter table thing alter column note set not null", set()),
        ("alter table thing add column size bigint not null default 0", set()),
        ("create unique index concurrently if not exists ix_thing_note on thing (note)", set()),
        ("create table thing (id uuid); create index ix_thing_note on public.thing (note)", set()),
        ("drop function tell(text); create function public.tell(t text, more jsonb) returns void", set()),
        ("create or replace function tell(t text) returns void", set()),
        ("drop index ix_thing_note", set()),
    ],
)
def test_what_the_release_before_could_not_live_with_is_known(tmp_path: Path, statement: str, harm: set[str]) -> None:
    assert harms(written(tmp_path, statement).upgrade) == harm


@pytest.mark.parametrize(
    ("call", "harm"),
    [
        ("op.drop_column('thing', 'note')", {"drop column"}),
        ("op.alter_column('thing', 'note', nullable=False)", {"not null"}),
        ("op.alter_column('thing', 'note', new_column_name='remark')", {"rename"}),
        ("op.create_index('ix_thing_note', 'thing', ['note'])", {"create index"}),
        ('op.execute(f"alter table {table} drop column {column}")', {"drop column"}),
        ('run_sql_file("0031_money_call_paths_down.sql")', {"drop function"}),
    ],
)
def test_calls_of_alembic_are_read_too(tmp_path: Path, call: str, harm: set[str]) -> None:
    file = tmp_path / "0099_thing.py"
    file.write_text(f'revision = "0099"\ndef upgrade() -> None:\n    {call}\n', encoding="utf-8")
    assert harms(Migration(file).upgrade) == harm


def test_each_migration_works_beside_the_release_before_or_says_why_it_does_no_harm() -> None:
    later = [migration for migration in migrations() if migration.revision > FIRST_RELEASE]
    for migration in later:
        assert harms(migration.upgrade) == set(migration.no_harm), (
            f"{migration.path.name}: take away in the release after the one that stopped using it, make an index"
            " concurrently in an autocommit_block; or say in NO_HARM = {harm: reason} why it does no harm here"
        )
        assert all(len(reason) >= LEAST_REASON for reason in migration.no_harm.values()), migration.path.name


def test_a_reason_in_the_migration_is_read(tmp_path: Path) -> None:
    given = written(tmp_path, "drop table thing", 'NO_HARM = {"drop table": "the release before stopped reading it"}')
    assert given.no_harm == {"drop table": "the release before stopped reading it"}
    assert harms(given.upgrade) == {"drop table"}


def test_what_the_first_release_stops_everything_for_is_known_and_told() -> None:
    by_revision = {migration.revision: migration for migration in migrations()}
    assert {number: harms(by_revision[number].upgrade) for number in STOPPED_FOR} == STOPPED_FOR
    runbook = (FOLDER.parents[1] / "docs" / "runbooks" / "deploy.md").read_text(encoding="utf-8")
    assert f"up to and including `{FIRST_RELEASE}`" in " ".join(runbook.split())


def written(folder: Path, statement: str, constant: str = "") -> Migration:
    file = folder / "0099_thing.py"
    file.write_text(MIGRATION.format(statement=statement, constant=constant), encoding="utf-8")
    return Migration(file)
