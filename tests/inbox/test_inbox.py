"""What rails tell us is stored once, processed once, waits while its subject is unknown, and never vanishes."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from activities.inbox_evidence import InboxEvidence
from domain.ids import new_id
from domain.inbox import InboxEvent, Received, Verdict
from domain.money_call import MoneyCall, Outcome
from tests.inbox.conftest import Box
from tests.rails.column.conftest import ach_call

STATES = "select event_id, state, attempts, note from inbox_event order by event_id"


async def test_an_event_is_stored_sealed_and_once(box: Box) -> None:
    assert [await box.put("e1"), await box.put("e1"), await box.put("e1", source="other")] == [True, False, True]
    (payload,) = {bytes(row[0]) for row in await box.rows("select payload from inbox_event where source = 'test'")}
    assert b"secret" not in payload


async def test_an_event_is_processed_once_however_many_look(box: Box) -> None:
    for number in range(5):
        await box.put(f"e{number}")
    await asyncio.gather(*(box.inbox().process_due() for _ in range(4)))
    assert box.handler.applied == {f"e{number}": 1 for number in range(5)}
    assert await box.inbox().process_due() == 0
    done = await box.rows("select count(*) from audit.entry where action = 'test.applied'")
    assert done == [(5,)]


async def test_an_event_of_no_concern_is_kept_and_not_looked_at_again(box: Box) -> None:
    await box.put("e1", kind="of_no_concern")
    await box.inbox().process_due()
    assert await box.rows(STATES) == [("e1", "ignored", 0, "nothing to us")]


async def test_an_event_whose_subject_is_unknown_waits_and_is_processed_when_it_is_known(box: Box) -> None:
    box.handler.known = False
    await box.put("e1")
    await box.inbox().process_due()
    assert await box.rows(STATES) == [("e1", "waiting", 1, "nobody knows the transfer")]
    assert await box.inbox().process_due() == 0, "it is not due before its pause is over"
    box.handler.known = True
    await asyncio.sleep(0.06)
    await box.inbox().process_due()
    assert box.handler.applied == {"e1": 1}


async def test_what_waits_too_long_is_a_case_of_the_house_until_its_owner_is_known(box: Box) -> None:
    box.handler.known = False
    await box.put("e1")
    for _ in range(3):
        await box.inbox(case_after_seconds=0, pause=0.01).process_due()
        await asyncio.sleep(0.02)
    cases = "select organization_id, kind, state, summary from case_file"
    ((organization, kind, state, summary),) = await box.rows(cases)
    assert (organization, kind, state) == (None, "inbox", "open")
    assert "nobody knows the transfer" in str(summary)
    box.handler.known = True
    await box.inbox().process_due()
    assert [row[2] for row in await box.rows(cases)] == ["closed"]


async def test_one_bad_event_holds_up_no_other_and_becomes_a_case_of_its_organization(box: Box) -> None:
    box.handler.verdicts["e1"] = RuntimeError("account 123456789")
    for number in (1, 2):
        await box.put(f"e{number}")
    await box.inbox(case_after_seconds=0, pause=0.01).process_due()
    assert box.handler.applied == {"e2": 1}
    assert (await box.rows(STATES))[0] == ("e1", "waiting", 1, "processing failed: RuntimeError")
    assert await box.rows("select organization_id, state from case_file") == [(box.handler.organization_id, "open")]
    del box.handler.verdicts["e1"]
    await asyncio.sleep(0.02)
    await box.inbox().process_due()
    assert box.handler.applied == {"e1": 1, "e2": 1}
    assert await box.rows("select state from case_file") == [("closed",)]


async def test_an_event_whose_owner_cannot_be_read_holds_up_no_other(box: Box) -> None:
    await box.put("e1", kind="unreadable")
    await box.put("e2")
    await box.inbox().process_due()
    assert box.handler.applied == {"e2": 1}
    assert [row[1:] for row in await box.rows(STATES)] == [
        ("waiting", 1, "processing failed: RuntimeError"),
        ("processed", 0, "done"),
    ]


async def test_of_messages_that_come_together_those_before_a_bad_one_are_kept(box: Box) -> None:
    def told(event_id: str, kind: str = "told") -> Received:
        return Received("test", event_id, kind, f"subject-{event_id}", b"secret", None)

    await box.put("e1")
    assert await box.store.store_all("test", [told("e1"), told("e2")]) == 1
    with pytest.raises(DBAPIError):
        await box.store.store_all("test", [told("e3"), told("e4", kind="\0"), told("e5")])
    assert [row[0] for row in await box.rows(STATES)] == ["e1", "e2", "e3"]


async def test_a_source_that_nobody_handles_waits(box: Box) -> None:
    await box.put("e1", source="unheard-of")
    await box.inbox().process_due()
    assert (await box.rows(STATES))[0][1] == "waiting"


async def test_a_stored_event_is_evidence_by_our_reference_and_by_the_rails_id(box: Box) -> None:
    call = ach_call()
    await box.put("e1", source="column", reference=call.rail_reference)
    await box.put("e2", source="column", reference="of another call")
    await box.put("e3", source="epx", reference=call.rail_reference)

    def read(asked: MoneyCall, event: InboxEvent) -> Outcome | None:
        assert asked.id == call.id
        return Outcome("applied", "told", event.payload.decode(), rail_id=event.subject)

    evidence = InboxEvidence(box.database, {"column": read})
    finding = await evidence.about(call)
    assert finding is not None
    assert finding.outcome is not None
    assert (finding.conclusion, finding.outcome.rail_id) == ("applied", "subject-e1")
    known = replace(call, rail_reference="unheard-of", rail_id="subject-e2")
    finding = await evidence.about(known)
    assert finding is not None
    assert finding.outcome is not None
    assert finding.outcome.message == "secret e2"
    assert await evidence.about(replace(call, rail_reference="unheard-of")) is None
    assert await evidence.about(replace(call, rail="chek")) is None


def test_an_event_shows_nothing_of_its_payload_when_it_is_printed() -> None:
    event = InboxEvent(
        new_id(), None, "test", "e1", "told", "s", None, b"secret", "stored", datetime(2026, 1, 1, tzinfo=UTC), 0
    )
    assert "secret" not in repr(event)
    assert Verdict("wait").note == ""
