"""The proof that ends every story of money: partners' books, our ledger and the calls between them tell the same.

It reads the partners through the sandbox's control server, which knows nothing of the product's own readers.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg

from activities.partner_books import read_partner_books
from db.audit.verify import verify_chain
from db.ledger.check import check_books
from db.ledger.partner_book import PartnerBook
from db.ledger.report import NotComparable
from tests.system import System

OPEN = ("recorded", "sending", "unknown", "needs_person")
NOT_TAKEN = ("declined", "voided", "returned")
TRIES = 200
READINGS = 5
PAGE = 10_000
NEVER_COMPARABLE = (
    NotComparable("epx", "entries taken", "this gateway has no report file"),
    NotComparable("chek", "cards", "Chek tells no card's balance"),
)


async def prove(system: System, *, at_rest: bool = True) -> None:
    """Raise AssertionError that names what differs.

    `at_rest`: nothing is open any more, so the books agree exactly. Else each open call is, in the partner's book,
    nothing or its held amount; but no flow may be moving while this looks.
    """
    url = system.settings.database.owner_url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        await _books_agree(system, connection)
        await _took_effect_once(system, connection)
        verified = await verify_chain(connection)
        assert verified.problem is None, verified
        if at_rest:
            await _nothing_is_open(connection)
    finally:
        await connection.close()


async def _books_agree(system: System, connection: "asyncpg.Connection[Any]") -> None:
    for _ in range(READINGS):
        books = [*await read_partner_books(system.house), await _gateway(system)]
        report = await check_books(connection, books)
        unproven = [book for book in report.not_comparable if book not in NEVER_COMPARABLE]
        if not unproven:  # on a busy machine a partner may answer later than the product waits
            break
    assert not report.differences, [str(difference) for difference in report.differences]
    assert not unproven, unproven


async def _gateway(system: System) -> PartnerBook:
    """What the gateway holds of us, whether or not the product is allowed to read it."""
    entries = (await system.control.get("/books/epx")).json()["entries"]
    sign = {"2": 1, "3": -1}
    taken = sum(
        entry["amount"] * sign.get(entry["tran_type"][-1:], 0) for entry in entries if entry["state"] not in NOT_TAKEN
    )
    return PartnerBook("epx", "as the gateway has it", "USD", taken, ("rail:epx:in_transit", "external:bank:epx"))


async def _took_effect_once(system: System, connection: "asyncpg.Connection[Any]") -> None:
    """No call took effect twice, and none that is refused, or was never sent, took effect at all."""
    sends = await connection.fetch(
        "select m.id, m.rail, m.state, m.step, m.strategy, s.rail_reference, s.not_sent"
        " from money_call m join money_call_send s on s.money_call_id = m.id"
    )
    sent = {(send["rail"], send["rail_reference"]): send for send in sends}
    took: Counter[Any] = Counter()
    for entry in await journal(system):
        call = sent.get((entry["partner"], entry["reference"]))
        if call is None or not entry["took_effect"] or call["strategy"] == "harmless":
            continue
        took[call["id"]] += 1
        assert call["state"] != "refused", f"{call['rail']} did {call['step']}, which we say was refused"
        assert call["state"] != "recorded", f"{call['rail']} did {call['step']}, which we say was never sent"
    assert all(times == 1 for times in took.values()), took


async def journal(system: System) -> Sequence[dict[str, Any]]:
    """All that the partners were asked, in order."""
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["id"] if found else 0
        page = (await system.control.get("/journal", params={"limit": PAGE, "after": after})).json()["data"]
        found += page
        if len(page) < PAGE:
            return found


async def _nothing_is_open(connection: "asyncpg.Connection[Any]") -> None:
    for statement in (
        f"select flow, step, state, code from money_call where state in {OPEN}",
        "select wallet_id, money_call_id from wallet_in_flight",
        "select id, owner_id from ledger.hold where state = 'open' and owner_kind = 'money_call'",
        "select kind, workflow_id from workflow_outbox where done_at is null",
        "select kind, subject_kind, summary from case_file where kind = 'contradiction' and state = 'open'",
    ):
        # what was written last may still be on its way out of the outbox
        for _ in range(TRIES):
            left = await connection.fetch(statement)
            if not left:
                break
            await asyncio.sleep(0.1)
        assert not left, [tuple(row) for row in left]
