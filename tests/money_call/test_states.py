"""Which function takes a money call from which state to which; whatever else leaves it as it stands, or is refused."""

from collections.abc import Awaitable, Callable
from itertools import product

import asyncpg
import pytest

from domain.errors import EvidenceMismatch, StaleToken
from domain.money_call import MoneyCall
from tests.money_call.desk import APPLIED, REFUSED, Desk

STATES = ("recorded", "sending", "unknown", "needs_person", "applied", "refused")
LEGAL = {
    ("recorded", "sending"),
    ("recorded", "refused"),
    ("sending", "recorded"),
    ("sending", "unknown"),
    ("sending", "needs_person"),
    ("sending", "applied"),
    ("sending", "refused"),
    ("unknown", "recorded"),
    ("unknown", "sending"),
    ("unknown", "needs_person"),
    ("unknown", "applied"),
    ("unknown", "refused"),
    ("needs_person", "applied"),
    ("needs_person", "refused"),
}

Deed = Callable[[Desk, MoneyCall], Awaitable[object]]

DEEDS: dict[str, tuple[Deed, dict[str, str]]] = {
    "begin a send": (lambda desk, call: desk.begin(call), {"recorded": "sending"}),
    "say that nothing was sent": (
        lambda desk, call: desk.not_sent(call),
        {"sending": "recorded", "unknown": "recorded"},
    ),
    "say that nobody knows": (lambda desk, call: desk.in_doubt(call), {"sending": "unknown"}),
    "say that a person must find out": (
        lambda desk, call: desk.in_doubt(call, "needs_person", by="find"),
        {"sending": "needs_person", "unknown": "needs_person"},
    ),
    "settle as applied by the answer": (
        lambda desk, call: desk.settle(call, APPLIED),
        {"recorded": "StaleToken", "sending": "applied", "unknown": "applied", "needs_person": "applied"},
    ),
    "settle as refused by the answer": (
        lambda desk, call: desk.settle(call, REFUSED),
        {"recorded": "StaleToken", "sending": "refused", "unknown": "refused", "needs_person": "refused"},
    ),
    "settle as refused by finding out": (
        lambda desk, call: desk.settle(call, REFUSED, "find"),
        {"recorded": "StaleToken", "sending": "refused", "unknown": "refused", "needs_person": "refused"},
    ),
    "settle as applied by an event": (
        lambda desk, call: desk.settle(call, APPLIED, "event"),
        {"recorded": "StaleToken", "sending": "applied", "unknown": "applied", "needs_person": "applied"},
    ),
    "cancel": (
        lambda desk, call: desk.settle(call, REFUSED, "cancel"),
        {"recorded": "refused"} | dict.fromkeys(STATES[1:], "StaleToken"),
    ),
    "settle by a person without a proposal": (
        lambda desk, call: desk.settle(call, APPLIED, "person", operator_id=desk.second, proposal_hash=b"x"),
        dict.fromkeys(STATES, "EvidenceMismatch"),
    ),
    "propose": (
        lambda desk, call: desk.propose(call),
        dict.fromkeys(STATES, "StaleToken") | {"needs_person": "needs_person"},
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_from_each_state(desk: Desk, deed: str) -> None:
    do, leads_to = DEEDS[deed]
    for state in STATES:
        call = await desk.in_state(state)
        wanted = leads_to.get(state, state)
        if wanted in ("StaleToken", "EvidenceMismatch"):
            with pytest.raises({"StaleToken": StaleToken, "EvidenceMismatch": EvidenceMismatch}[wanted]):
                await do(desk, call)
            wanted = state
        else:
            await do(desk, call)
        assert (state, (await desk.read(call)).state) == (state, wanted)


async def test_a_hold_is_open_while_the_call_is_and_follows_its_outcome(desk: Desk) -> None:
    hold = {"applied": "posted", "refused": "voided"}
    for state in STATES:
        assert (state, await desk.hold_state(await desk.in_state(state))) == (state, hold.get(state, "open"))


async def test_the_application_cannot_change_a_call_by_plain_sql(desk: Desk) -> None:
    call = await desk.in_state("unknown")
    for statement in (
        "update money_call set state = 'applied', settled_at = now() where id = $1",
        "update money_call_send set not_sent = true where money_call_id = $1",
        "insert into money_call select * from money_call where id = $1",
        "delete from wallet_in_flight where money_call_id = $1",
        "delete from money_call where id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.plain_sql(statement, call.id)


async def test_even_the_owner_cannot_take_a_call_from_a_state_to_one_that_does_not_follow(desk: Desk) -> None:
    for before, after in product(STATES, STATES):
        call = await desk.in_state(before)
        ended = "now()" if after in ("applied", "refused") else "null"
        if before == after or (before, after) in LEGAL:
            continue
        with pytest.raises(asyncpg.PostgresError) as refused:
            await desk.owner.execute(
                f"update money_call set state = '{after}', settled_at = {ended} where id = $1", call.id
            )
        assert refused.value.sqlstate == "BM004", (before, after)


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "currency = 'EUR'",
        "request = '\\x00'",
        "rail = 'column'",
        "operation = 'CKC3'",
        "step = 'other'",
        "ordinal = 7",
        "flow_id = gen_random_uuid()",
        "hold_id = null",
        "expectation = '{\"a\": 1}'",
        "fencing_token = 0",
        "id = gen_random_uuid()",
        "organization_id = gen_random_uuid()",
        "flow = 'other'",
        "strategy = 'balance_evidence'",
        "request_hash = '\\x00'",
        "recorded_at = now()",
    ],
)
async def test_even_the_owner_cannot_change_what_was_recorded(desk: Desk, change: str) -> None:
    call = await desk.in_state("sending")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await desk.owner.execute(f"update money_call set {change} where id = $1", call.id)
    assert refused.value.sqlstate == "BM004"


@pytest.mark.parametrize(
    "change", ["code = 'x'", "rail_id = 'x'", "response = 'x'", "settled_by = 'x'", "must_act = 'payee'"]
)
async def test_even_the_owner_cannot_change_an_outcome(desk: Desk, change: str) -> None:
    call = await desk.in_state("applied")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await desk.owner.execute(f"update money_call set {change} where id = $1", call.id)
    assert refused.value.sqlstate == "BM004"


async def test_even_the_owner_cannot_take_back_that_money_was_returned(desk: Desk) -> None:
    call = await desk.in_state("applied")
    await desk.owner.execute("update money_call set returned_at = now() where id = $1", call.id)
    for change in ("returned_at = null", "returned_at = now() + interval '1 day'"):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await desk.owner.execute(f"update money_call set {change} where id = $1", call.id)
        assert refused.value.sqlstate == "BM004"


async def test_nobody_deletes_a_call_or_lets_one_begin_elsewhere(desk: Desk) -> None:
    call = await desk.in_state("applied")
    for statement in ("delete from money_call", "truncate money_call cascade"):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await desk.owner.execute(statement)
        assert refused.value.sqlstate == "BM004"
    copy = await desk.owner.fetchval(
        "select format('insert into money_call (id, flow_id, rail_reference, %1$s)"
        " select gen_random_uuid(), gen_random_uuid(), ''r'', %1$s from money_call where id = $1',"
        " string_agg(quote_ident(column_name), ',')) from information_schema.columns"
        " where table_name = 'money_call' and column_name not in ('id', 'flow_id', 'rail_reference')"
    )
    with pytest.raises(asyncpg.PostgresError) as refused:
        await desk.owner.execute(copy, call.id)
    assert refused.value.sqlstate == "BM004"
