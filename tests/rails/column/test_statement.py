"""Column's lists as news: each transfer as the webhook about its present state would tell it."""

from datetime import timedelta

import pytest

from rails.base import EvidenceUnavailable
from rails.column.event import read_event
from rails.column.statement import ColumnStatement
from tests.rails.column.conftest import NOW, Bank, ach_call, book_call


async def test_a_transfer_is_told_as_its_webhook_would_be(bank: Bank) -> None:
    statement, call = ColumnStatement(bank.rail.listing), ach_call()
    transfer_id = (await bank.send(call)).rail_id
    assert transfer_id is not None
    (young,) = [listed async for listed in statement.listed("ach_transfer", NOW)]
    assert (young.stage, young.follows) == ("initiated", False)
    await bank.control.post(f"/column/ach/{transfer_id}/return", json={"code": "R02"})

    (told,) = [listed async for listed in statement.listed("ach_transfer", NOW)]

    assert (told.amount, told.currency, told.stage, told.follows) == (5_000, "USD", "returned", True)
    assert told.received.event_id == f"listing/{transfer_id}/returned"
    event = read_event(told.received.payload)
    assert (event.type, event.meaning, event.code) == ("ach.outgoing_transfer.returned", "returned", "R02")
    assert (event.event_id, event.transfer_id, event.reference) == (
        told.received.event_id,
        transfer_id,
        call.rail_reference,
    )
    assert await statement.read("ach_transfer", transfer_id) == told


async def test_money_that_comes_in_is_not_listed_and_book_transfers_follow_nothing(bank: Bank) -> None:
    statement = ColumnStatement(bank.rail.listing)
    body = {"bank_account_id": "bacc_fs_main", "type": "CREDIT", "amount": 700}
    await bank.control.post("/column/ach/incoming", json=body)
    await bank.send(book_call())
    assert [listed async for listed in statement.listed("ach_transfer", NOW)] == []
    (book,) = [listed async for listed in statement.listed("book_transfer", NOW)]
    assert (book.received.kind, book.follows) == ("book.transfer.completed", False)
    assert statement.operations == {"book_transfer": False, "ach_transfer": True, "check_issue": True}


async def test_a_list_is_read_page_by_page_back_to_the_instant_and_a_day(bank: Bank) -> None:
    for amount in range(1, 103):
        await bank.send(book_call(amount))
    statement = ColumnStatement(bank.rail.listing)
    assert len([listed async for listed in statement.listed("book_transfer", NOW - timedelta(days=365))]) == 102
    ahead = [listed async for listed in statement.listed("book_transfer", NOW + timedelta(days=36_500))]
    assert len(ahead) == 100, "the page that was asked for, and no further one"


async def test_only_columns_own_word_says_that_there_is_no_such_transfer(bank: Bank) -> None:
    statement = ColumnStatement(bank.rail.listing)
    assert await statement.read("ach_transfer", "acht_nowhere") is None
    for kind in ("http_500_before", "malformed_before", "status:404"):
        await bank.fault(kind, operation="ach_transfers.get")
        with pytest.raises(EvidenceUnavailable):
            await statement.read("ach_transfer", "acht_nowhere")
