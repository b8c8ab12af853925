"""Copies of `ledger.post` that leave guarantees out, to see what each takes; only ever in the bench's own database.

The copies are made from the functions as the migrations left them. A piece of text that is not found exactly once
raises: a copy that leaves nothing out would say that a guarantee is free.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import asyncpg

AUDIT = (
    r"\n        v_told := v_told \|\| ledger\.told_entry\(.*?\);(?=\n)",
    r"\n    v_audited := audit\.write\(.*?\);(?=\n)",
)
FORM = (r" and ledger\.well_formed\(p_entries\)",)
KEY = (
    r"\n    on conflict \(organization_id, key\) do nothing(?=;\n)",
    r"\n    if not found then\n        return ledger\.repeated\(.*?\);\n    end if;",
)
HASH = r"(?<=\n    v_hash := )sha256\(.*?\)(?=;\n)"
REST = (
    r"\n    if ledger\.out_of_reach\(p_organization\) then.*?\n    end if;",
    r"\n    if \(length\(p_key\) between .*?\n    end if;",
    r"\n        if v_closed is not null .*?\n        end if;",
    r" and not \(closed and p_operation <> 'fact'\)\n\s*and \(posted - held \+ v_first_change >= floor\) is not false",
)
NO_HASH = "'\\x00'"
UNKEYED = """
create table {schema}.transaction (like ledger.transaction including all);
alter table {schema}.transaction drop constraint transaction_organization_id_key_key;
create table {schema}.entry (like ledger.entry including all,
    foreign key (transaction_id) references {schema}.transaction);
"""
BARE = """
create table {schema}.transaction (like ledger.transaction, primary key (id));
create table {schema}.entry (like ledger.entry including defaults);
create table {schema}.balance (like ledger.balance including defaults, primary key (account_id)) with (fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
insert into {schema}.balance select * from ledger.balance;
analyze {schema}.balance;
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A schema with its own `post`: pieces of `ledger.book` that go, or are replaced, and tables in place of ours."""

    schema: str
    cut: Mapping[str, str]
    make: str = ""
    tables: tuple[str, ...] = ()


COPIES: Mapping[str, Copy] = MappingProxyType(
    {
        "without its audit row": Copy("without_audit", dict.fromkeys(AUDIT, "")),
        "without the check of its entries": Copy("without_form", dict.fromkeys(FORM, "")),
        "without its key": Copy(
            "without_key", {**dict.fromkeys(KEY, ""), HASH: NO_HASH}, UNKEYED, ("transaction", "entry")
        ),
        "without any guarantee": Copy(
            "without_any",
            {**dict.fromkeys((*AUDIT, *KEY, *REST), ""), HASH: NO_HASH},
            BARE,
            ("transaction", "entry", "balance"),
        ),
    }
)
"""The last has no index but two primary keys, no foreign key, no CHECK, and no look at floors or closed accounts."""


async def prepare(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Make the copies, once all accounts are open. RuntimeError where the functions are not those that are cut here."""
    for copy in COPIES.values():
        await _make(owner, copy)


async def _make(owner: "asyncpg.Connection[asyncpg.Record]", copy: Copy) -> None:
    made = f"create schema {copy.schema}; grant usage on schema {copy.schema} to bursar_app;"
    await owner.execute(made + copy.make.format(schema=copy.schema))
    book, post = [
        await owner.fetchval("select pg_get_functiondef($1::text::regproc)", name)
        for name in ("ledger.book", "ledger.post")
    ]
    for piece, instead in copy.cut.items():
        book = replaced(book, piece, instead)
    for table in copy.tables:
        book = re.sub(rf"\b(insert into|update) ledger\.{table}\b", rf"\1 {copy.schema}.{table}", book)
    await owner.execute(replaced(book, r"(?<=FUNCTION )ledger(?=\.book\()", copy.schema))
    post = replaced(post, r"(?<=FUNCTION )ledger(?=\.post\()", copy.schema)
    await owner.execute(replaced(post, r"(?<=return )ledger(?=\.book\()", copy.schema))


def replaced(text: str, piece: str, instead: str) -> str:
    """The text without a piece. RuntimeError unless it is there exactly once."""
    changed, times = re.subn(piece, lambda _: instead, text, flags=re.DOTALL)
    if times != 1:
        raise RuntimeError(f"found {times} times in a function of the ledger, not once: {piece}")
    return changed
