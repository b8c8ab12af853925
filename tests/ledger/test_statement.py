"""Statements: an account's lines, newest first, page by page."""

from tests.ledger.conftest import BANK, Books, line


async def test_pages_of_a_statement_show_every_line_once(books: Books):
    for n in range(1, 8):
        await books.post(line(BANK, books.cash, n), line(books.cash, "org:b:cash", 1), description=f"number {n}")
    async with books.database.unit_of_work(books.organization_id, actor="test") as uow:
        seen, after = [], None
        while page := await uow.ledger.statement(books.cash, "USD", limit=3, after=after):
            seen += page
            after = page[-1].position
        assert await uow.ledger.statement("org:nobody:cash", "USD") == []
    assert [one.amount.minor_units for one in seen] == [amount for n in range(7, 0, -1) for amount in (-1, n)]
    assert sum(one.amount.minor_units for one in seen) == await books.posted()
    newest = seen[0]
    assert (newest.other_account, newest.side, newest.layer, newest.releases) == (
        "org:b:cash",
        "debit",
        "posted",
        False,
    )
    assert (newest.kind, newest.description, newest.key) == ("test", "number 7", "key/6")
