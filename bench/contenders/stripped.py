"""Copies of `ledger.post`, `hold` and `post_hold` that leave guarantees out; only ever in the bench's own database.

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
RESOLVED_AUDIT = (r"\n        v_told := v_told\n.*? end;(?=\n        v_accounts)", AUDIT[1])
RESOLVED_KEY = (r"\n    on conflict \(organization_id, key\) do nothing(?=\n    returning)", KEY[1])
RESOLVED_REST = (
    *REST[:2],
    r"(?<= organization_id = p_organization) for update(?=;\n)",
    r"\n    if not found then\n        raise exception 'there is no such hold'.*?\n    end if;",
    r"\n    if v_hold\.state <> 'open' then.*?\n    end if;",
    r"\n    if v_post > v_held .*?\n    end if;",
)
"""The same of `ledger.resolve`, and that a hold is locked, is there, is open and has what is posted of it."""
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
HELD_BARE = f"""{BARE}
alter table {{schema}}.entry add primary key (transaction_id, n);
create table {{schema}}.hold (like ledger.hold including defaults, primary key (id)) with (fillfactor = 80);
"""
"""A hold is posted by its entries, so that they are found by their key."""
KEYED = "alter table {schema}.transaction add unique (organization_id, key);"


@dataclass(frozen=True, slots=True)
class Copy:
    """A schema with its own `post`: pieces of `ledger.book` that go, or are replaced, and tables in place of ours.

    Where `resolved` says pieces of `ledger.resolve`, its own `hold` and `post_hold` instead.
    """

    schema: str
    cut: Mapping[str, str]
    make: str = ""
    tables: tuple[str, ...] = ()
    resolved: Mapping[str, str] | None = None


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

HELD_TABLES = ("transaction", "entry", "balance", "hold")
HELD_COPIES: Mapping[str, Copy] = MappingProxyType(
    {
        "hold + post_hold without their audit rows": Copy(
            "held_without_audit", dict.fromkeys(AUDIT, ""), resolved=dict.fromkeys(RESOLVED_AUDIT, "")
        ),
        "hold + post_hold without constraints": Copy(
            "held_without_constraints", {}, HELD_BARE + KEYED, HELD_TABLES, resolved={}
        ),
        "hold + post_hold without any guarantee": Copy(
            "held_without_any",
            {**dict.fromkeys((*AUDIT, *KEY, *REST), ""), HASH: NO_HASH},
            HELD_BARE,
            HELD_TABLES,
            resolved={**dict.fromkeys((*RESOLVED_AUDIT, *RESOLVED_KEY, *RESOLVED_REST), ""), HASH: NO_HASH},
        ),
    }
)
"""Without constraints: whole functions, on tables with primary keys and the key's unique index, and nothing else."""


async def prepare(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Make the copies, once all accounts are open. RuntimeError where the functions are not those that are cut here."""
    for copy in (*COPIES.values(), *HELD_COPIES.values()):
        await _make(owner, copy)


async def _make(owner: "asyncpg.Connection[asyncpg.Record]", copy: Copy) -> None:
    made = f"create schema {copy.schema}; grant usage on schema {copy.schema} to bursar_app;"
    await owner.execute(made + copy.make.format(schema=copy.schema))
    if copy.resolved is None:
        await _copied(owner, copy, "post", "book", copy.cut)
        return
    await _copied(owner, copy, "hold", "book", copy.cut)
    await _copied(owner, copy, "post_hold", "resolve", copy.resolved)


async def _copied(
    owner: "asyncpg.Connection[asyncpg.Record]", copy: Copy, called: str, inner: str, cut: Mapping[str, str]
) -> None:
    """The function that is called, and the one that does its work, cut and on the copy's tables."""
    work, call = [
        await owner.fetchval("select pg_get_functiondef($1::text::regproc)", f"ledger.{name}")
        for name in (inner, called)
    ]
    for piece, instead in cut.items():
        work = replaced(work, piece, instead)
    for table in copy.tables:
        work = re.sub(rf"\b(insert into|update|from) ledger\.{table}\b", rf"\1 {copy.schema}.{table}", work)
    await owner.execute(replaced(work, rf"(?<=FUNCTION )ledger(?=\.{inner}\()", copy.schema))
    call = replaced(call, rf"(?<=FUNCTION )ledger(?=\.{called}\()", copy.schema)
    await owner.execute(replaced(call, rf"(?<=return )ledger(?=\.{inner}\()", copy.schema))


def replaced(text: str, piece: str, instead: str) -> str:
    """The text without a piece. RuntimeError unless it is there exactly once."""
    changed, times = re.subn(piece, lambda _: instead, text, flags=re.DOTALL)
    if times != 1:
        raise RuntimeError(f"found {times} times in a function of the ledger, not once: {piece}")
    return changed
