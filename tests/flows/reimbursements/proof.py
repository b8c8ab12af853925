"""What is true after every story of reimbursements, whatever happened in it and by whichever method."""

from collections import Counter
from typing import Any

import asyncpg

from activities.partner_books import read_partner_books
from db.ledger.check import check_books
from tests.system import System

OUTGOING = {"ach": "amount", "check": "positive_pay_amount", "wire": "amount"}
TO_PAYPAL = "PayPal"
"""The description of wires that fill our balance there: they are nobody's payout."""


async def prove_books(system: System) -> None:
    """Clearing is zero or the unpaid holding, nobody is paid more than approved, partners hold what we say."""
    report = await _checked(system)
    assert [str(difference) for difference in report.differences] == []
    away = [str(book) for book in report.not_comparable if book.rail in ("column", "paypal")]
    assert not away, away


async def _checked(system: System) -> Any:
    partner_books = await read_partner_books(system.house)
    connection = await open_as_owner(system)
    try:
        return await check_books(connection, partner_books)
    finally:
        await connection.close()


async def every_debit_is_one_attempt(system: System) -> None:
    """Each transfer to a payee in the partners' own lists is one attempt of ours, of that amount, and the reverse.

    Wires carry what a person typed as the bank's reference: they are told apart by their amounts.
    """
    ours, theirs = await _attempts(system), await _debits(system)
    for kind in sorted(ours.keys() | theirs.keys()):
        assert ours.get(kind, Counter()) == theirs.get(kind, Counter()), kind


async def _attempts(system: System) -> dict[str, Counter[Any]]:
    connection = await open_as_owner(system)
    try:
        rows = await connection.fetch(
            "select a.kind, m.rail_id, m.amount from payout_attempt a join payout_holding h on h.id = a.holding_id"
            " join money_call m on m.flow = 'reimbursement' and m.flow_id = h.report_id and m.step = 'payout'"
            " and m.ordinal = a.ordinal where m.state = 'applied'"
        )
    finally:
        await connection.close()
    found: dict[str, Counter[Any]] = {}
    for row in rows:
        name = row["amount"] if row["kind"] == "wire" else (row["rail_id"], row["amount"])
        found.setdefault(row["kind"], Counter())[name] += 1
    return found


async def _debits(system: System) -> dict[str, Counter[Any]]:
    found: dict[str, Counter[Any]] = {}
    for transfer in (await system.control.get("/books/column")).json()["transfers"]:
        kind = transfer["kind"]
        if kind in OUTGOING and not transfer.get("is_incoming") and transfer["description"] != TO_PAYPAL:
            amount = transfer[OUTGOING[kind]]
            found.setdefault(kind, Counter())[amount if kind == "wire" else (transfer["id"], amount)] += 1
    for item in (await system.control.get("/books/paypal")).json()["items"]:
        found.setdefault("paypal", Counter())[item["batch_id"], item["amount"]] += 1
    return found


async def open_as_owner(system: System) -> "asyncpg.Connection[asyncpg.Record]":
    url = system.settings.database.owner_url.get_secret_value().replace("+asyncpg", "")
    return await asyncpg.connect(url)
