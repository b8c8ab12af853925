"""An organization is told of each of its events at least once, signed, whatever happens to workers and receivers."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from activities.event_delivery import EventDelivery
from activities.webhook_sender import open_sender
from db.queries.event_delivery import claim
from domain.ids import new_id, parse_public_id, public_id
from tests.api.application import Application, Member
from tests.webhooks_out.receiver import Receiver, answer

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]
NESTED_LOOP_SEMI_JOIN = ("hashjoin", "mergejoin", "hashagg", "material", "sort")


async def endpoint(member: Member, hook: Receiver) -> dict[str, Any]:
    made = await member.client.post(
        "/v1/webhook-endpoints", json={"url": hook.url}, headers={"Idempotency-Key": new_id().hex}
    )
    assert made.status_code == 201, made.text
    return dict(made.json())


async def tell(application: Application, *notes: str, member: Member | None = None) -> list[str]:
    """Events as a flow writes them; returns their ids as receivers see them, in order."""
    organization = (member or application.ada).organization_id
    subjects = {note: new_id() for note in notes}
    async with application.database.unit_of_work(organization, actor="test") as uow:
        for note, subject in subjects.items():
            await uow.tell("thing.happened", "ach-debit", subject, {"note": note, "money_call_id": str(subject)})
    told = [str(subject) for subject in subjects.values()]
    rows = await application.rows("select id from outgoing_event where subject_id = any($1) order by id", told)
    return [public_id("evt", row["id"]) for row in rows]


@asynccontextmanager
async def worker(application: Application, **options: Any) -> AsyncIterator[EventDelivery]:
    async with open_sender(live=False) as sender, EventDelivery(application.database, sender, **options) as delivery:
        yield delivery


async def deliver(application: Application, **options: Any) -> None:
    """One look of one worker, to its end."""
    async with worker(application, **options) as delivery:
        await delivery.deliver_due()
        await delivery.settled()


async def let_time_pass(application: Application, pause: timedelta) -> None:
    """Everything that waits for an instant waits so much less."""
    await application.rows(
        "update event_delivery set next_attempt_at = next_attempt_at - $1::interval, give_up_at = give_up_at - $1",
        pause,
    )
    await application.rows("update webhook_endpoint set paused_until = paused_until - $1::interval", pause)


async def shown(member: Member, endpoint_id: str) -> dict[str, Any]:
    return dict((await member.client.get(f"/v1/webhook-endpoints/{endpoint_id}")).json())


def ids(hook: Receiver) -> list[str]:
    return [request.id for request in hook.received]


async def test_an_event_arrives_signed_and_with_ids_as_the_api_shows_them(
    application: Application, hook: Receiver
) -> None:
    made = await endpoint(application.ada, hook)
    (event_id,) = await tell(application, "first")
    await deliver(application)
    (request,) = hook.received
    event = Webhook(made["secret"]).verify(request.body, request.headers)
    assert (event["id"], event["type"], event["data"]["note"]) == (event_id, "thing.happened", "first")
    assert event["data"]["id"].startswith("achtx_")
    assert event["data"]["money_call_id"] == event["data"]["id"].replace("achtx_", "mc_")
    assert request.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(request.body.replace(b"first", b"other"), request.headers)
    seen = await shown(application.ada, made["id"])
    assert (seen["waiting"], seen["failures"], seen["secret"]) == (0, 0, None)
    assert seen["last_delivered_at"] is not None


async def test_an_organization_is_told_of_its_own_events_only_and_each_endpoint_of_all(
    application: Application, hook: Receiver, other_hook: Receiver
) -> None:
    await endpoint(application.ada, hook)
    await endpoint(application.ada, other_hook)
    mine = await tell(application, "a", "b", "c")
    await tell(application, "hers", member=application.grace)
    await deliver(application)
    assert sorted(ids(hook)) == sorted(ids(other_hook)) == mine


async def test_after_a_rotation_both_secrets_sign_for_a_day(application: Application, hook: Receiver) -> None:
    made = await endpoint(application.ada, hook)
    rotated = await application.ada.client.post(
        f"/v1/webhook-endpoints/{made['id']}/rotate-secret", headers={"Idempotency-Key": new_id().hex}
    )
    await tell(application, "between")
    await deliver(application)
    for secret in (made["secret"], rotated.json()["secret"]):
        Webhook(secret).verify(hook.received[0].body, hook.received[0].headers)
    await application.rows(
        "update webhook_endpoint set previous_secret_until = previous_secret_until - interval '1 day'"
    )
    await tell(application, "after")
    await deliver(application)
    Webhook(rotated.json()["secret"]).verify(hook.received[1].body, hook.received[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(hook.received[1].body, hook.received[1].headers)


@pytest.mark.parametrize(
    "reply", [answer(500), answer(404), answer(302, "Location: http://127.0.0.1:1/"), b"garbage\r\n\r\n"]
)
async def test_what_was_not_taken_is_sent_again_with_the_same_id_and_body(
    application: Application, hook: Receiver, reply: bytes
) -> None:
    made = await endpoint(application.ada, hook)
    hook.reply = lambda _: reply
    (event_id,) = await tell(application, "again")
    await deliver(application)
    await deliver(application)
    assert len(hook.received) == 1, "not before the pause is over"
    seen = await shown(application.ada, made["id"])
    assert (seen["waiting"], seen["failures"]) == (1, 1)
    assert seen["last_problem"] is not None
    assert seen["paused_until"] is not None
    hook.reply = lambda _: answer(200)
    await let_time_pass(application, timedelta(seconds=6))
    await deliver(application)
    assert ids(hook) == [event_id, event_id]
    assert hook.received[0].body == hook.received[1].body
    seen = await shown(application.ada, made["id"])
    assert (seen["waiting"], seen["failures"], seen["last_problem"], seen["paused_until"]) == (0, 0, None, None)


async def test_pauses_grow_and_after_three_days_a_person_is_asked_who_can_have_all_sent_again(
    application: Application, hook: Receiver
) -> None:
    made = await endpoint(application.ada, hook)
    hook.reply = lambda _: answer(503)
    (event_id,) = await tell(application, "lost")
    pauses: list[float] = []
    for _ in range(40):
        await deliver(application)
        (row,) = await application.rows(
            "select extract(epoch from next_attempt_at - clock_timestamp())::float as pause, given_up_at"
            " from event_delivery where endpoint_id = $1",
            (await application.rows("select id from webhook_endpoint where url = $1", hook.url))[0]["id"],
        )
        if row["given_up_at"] is not None:
            break
        pauses.append(round(row["pause"]))
        await let_time_pass(application, timedelta(seconds=row["pause"] + 1))
    assert pauses == sorted(pauses[:-1]) + pauses[-1:], "pauses grow, but for the last, which ends with the third day"
    assert timedelta(days=2.99) < timedelta(seconds=sum(pauses)) < timedelta(days=3.01)
    assert 10 < len(hook.received) < 25
    case = (await application.ada.client.get("/v1/cases")).json()["data"][0]
    assert case["kind"] == "webhook_undeliverable"
    assert case["subject_id"] == made["id"]
    assert (await shown(application.ada, made["id"]))["given_up"] == 1

    hook.reply = lambda _: answer(200)
    path = f"/v1/webhook-endpoints/{made['id']}/resend"
    again = await application.ada.client.post(path, headers={"Idempotency-Key": new_id().hex})
    assert (again.status_code, again.json()["waiting"], again.json()["given_up"]) == (202, 1, 0)
    await deliver(application)
    assert set(ids(hook)) == {event_id}
    assert (await shown(application.ada, made["id"]))["waiting"] == 0


async def test_a_dead_endpoint_delays_no_other_and_is_asked_with_one_event_at_a_time(
    application: Application, hook: Receiver, other_hook: Receiver
) -> None:
    await endpoint(application.ada, hook)
    await endpoint(application.grace, other_hook)
    hook.reply = lambda _: None
    await tell(application, *"abcdefghijkl")
    told = await tell(application, *"xyz", member=application.grace)
    async with worker(application) as delivery:
        await delivery.deliver_due()
        await hook.until(8)
        await other_hook.until(3, seconds=5)
        assert sorted(ids(other_hook)) == told
        # the hanging task still runs; new events of others go out all the same
        more = await tell(application, "later", member=application.grace)
        async with asyncio.timeout(5):
            while more[0] not in ids(other_hook):
                await delivery.deliver_due()
                await asyncio.sleep(0.02)
    hook.received.clear()
    hook.reply = lambda _: answer(500)
    await application.rows("update webhook_endpoint set failures = 1 where url = $1", hook.url)
    await let_time_pass(application, timedelta(minutes=2))
    await deliver(application)
    assert len(hook.received) == 1


async def test_no_more_is_claimed_than_asked_for_whatever_the_planner_chooses(
    application: Application, hook: Receiver
) -> None:
    made = await endpoint(application.ada, hook)
    await tell(application, *"abcdef")
    await application.rows("update event_delivery set next_attempt_at = now() - interval '1 s'")
    async with application.database.unit_of_work(application.ada.organization_id, actor="test") as uow:
        for method in NESTED_LOOP_SEMI_JOIN:
            await uow.connection.execute(text(f"set local enable_{method} = off"))
        claimed = await claim(uow, parse_public_id("whe", made["id"], field="id"), limit=1, lease=timedelta(0))
    assert len(claimed) == 1


async def test_any_number_of_workers_share_the_work(application: Application, hook: Receiver) -> None:
    await endpoint(application.ada, hook)
    told = await tell(application, *(f"note {number}" for number in range(60)))
    await asyncio.gather(*(deliver(application) for _ in range(4)))
    assert sorted(ids(hook)) == told, "each once"


async def test_a_delivery_that_somebody_holds_is_passed_over(application: Application, hook: Receiver) -> None:
    await endpoint(application.ada, hook)
    told = await tell(application, "held", "free")
    async with application.database.unit_of_work(application.ada.organization_id, actor="test") as uow:
        held = text("select from event_delivery where event_id = :id for update")
        await uow.connection.execute(held, {"id": UUID(told[0].removeprefix("evt_"))})
        await asyncio.wait_for(deliver(application), 5)
        assert ids(hook) == told[1:]


async def test_an_event_of_a_transaction_that_commits_late_is_not_missed(
    application: Application, hook: Receiver
) -> None:
    await endpoint(application.ada, hook)
    async with application.database.unit_of_work(application.ada.organization_id, actor="test") as uow:
        await uow.tell("thing.slow", "ach-debit", new_id())
        await tell(application, "quick")
        await deliver(application)
        assert [request.event["type"] for request in hook.received] == ["thing.happened"]
    await deliver(application)
    assert [request.event["type"] for request in hook.received] == ["thing.happened", "thing.slow"]


async def test_a_worker_that_is_killed_between_sending_and_noting_sends_again_under_the_same_id(
    application: Application, hook: Receiver
) -> None:
    await endpoint(application.ada, hook)
    hook.reply = lambda _: None
    told = await tell(application, "once more")
    settings = application.settings
    keys = settings.keyring.keys.get_secret_value()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.webhooks_out.deliver", cwd=ROOT, stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(f"{settings.database.url.get_secret_value()}\0{keys}\x001.5".encode())
    process.stdin.close()
    await hook.until(1, seconds=30)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    hook.reply = lambda _: answer(200)
    await deliver(application)
    assert ids(hook) == told, "the dead worker's lease still holds"
    await let_time_pass(application, timedelta(seconds=2))
    await deliver(application)
    assert ids(hook) == told * 2


async def test_what_is_removed_is_told_nothing_more_and_its_secrets_are_wiped(
    application: Application, hook: Receiver
) -> None:
    made = await endpoint(application.ada, hook)
    await tell(application, "waits")
    assert (await application.ada.client.delete(f"/v1/webhook-endpoints/{made['id']}")).status_code == 204
    await tell(application, "after")
    await deliver(application)
    assert hook.received == []
    (row,) = await application.rows("select secret, previous_secret from webhook_endpoint where url = $1", hook.url)
    assert (row["secret"], row["previous_secret"]) == (b"", None)


async def test_a_delivery_is_bound_to_its_organization_by_the_database(
    application: Application, hook: Receiver
) -> None:
    await endpoint(application.ada, hook)
    await tell(application, "mine")
    for member, sees in ((application.ada, True), (application.grace, False)):
        async with application.database.unit_of_work(member.organization_id, actor="test") as uow:
            seen = await uow.all(text("select d.* from event_delivery d join outgoing_event e on e.id = d.event_id"))
        assert (application.ada.organization_id in {row["organization_id"] for row in seen}) is sees
