"""The rail's onboarding against Chek's sandbox: looked for, made once, and found again after a lost answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from domain.money_call import MoneyCall
from rails.base import NotSent
from rails.chek.onboarding import wire
from tests.rails.chek.calls import ADDRESS, money_call, with_reading
from tests.rails.chek.conftest import Bench
from tests.rails.chek.test_contract import open_gate

PERSON = {"email": "New@example.test", "phone": "+13035550150", "first_name": "Thea", "last_name": "Lind"}
JOURNAL = {"create_user": "users.create", "invite": "directpay.invite", "create_card": "users.create_card"}


def call_of(bench: Bench, operation: str) -> MoneyCall:
    """A call for somebody who has nothing of it yet."""
    requests: Mapping[str, Mapping[str, Any]] = {
        "create_user": {**PERSON, "address": ADDRESS},
        "invite": {"user": bench.family},
        "create_card": {"user": bench.family, "program": "501"},
    }
    return replace(money_call(operation, requests[operation], 0, {}), strategy="query")


async def made_ready(bench: Bench, operation: str) -> MoneyCall:
    """The call as it is just before it is sent."""
    call = call_of(bench, operation)
    return with_reading(call, (await bench.rail.ready(call)).evidence)


@pytest.mark.parametrize("operation", JOURNAL)
async def test_each_is_made_once_and_found_when_it_is_asked_for_again(bench: Bench, operation: str) -> None:
    call = await made_ready(bench, operation)
    first = await bench.rail.send(call, open_gate)
    assert (first.state, first.code) == ("applied", "done")
    again = await bench.rail.send(await made_ready(bench, operation), open_gate)
    assert (again.state, again.code, again.rail_id) == ("applied", "already_there", first.rail_id)
    assert await bench.took_effect(JOURNAL[operation]) == 1


@pytest.mark.parametrize("kind", ["cut_after", "malformed", "http_500_after", "status_after:400"])
@pytest.mark.parametrize("operation", JOURNAL)
async def test_what_was_made_behind_a_lost_answer_is_found(bench: Bench, operation: str, kind: str) -> None:
    call = await made_ready(bench, operation)
    await bench.fault(kind, JOURNAL[operation])
    assert (await bench.rail.send(call, open_gate)).state == "unknown"
    finding = await bench.rail.find(call)
    assert (finding.conclusion, finding.outcome and finding.outcome.rail_id is not None) == ("applied", True)
    assert await bench.took_effect(JOURNAL[operation]) == 1


@pytest.mark.parametrize("operation", JOURNAL)
async def test_what_is_not_there_twice_was_not_made(bench: Bench, operation: str) -> None:
    call = await made_ready(bench, operation)
    await bench.fault("cut_before", JOURNAL[operation])
    assert (await bench.rail.send(call, open_gate)).state == "unknown"
    finding = await bench.rail.find(call)
    assert (finding.conclusion, finding.outcome and finding.outcome.code) == ("refused", "not_made")


async def test_a_partner_that_cannot_be_looked_at_is_sent_nothing(bench: Bench) -> None:
    call = await made_ready(bench, "create_user")
    await bench.fault("http_500_before", "users.list")
    with pytest.raises(NotSent):
        await bench.rail.send(call, open_gate)
    assert await bench.took_effect("users.create") == 0


async def test_a_person_far_down_the_list_is_found_though_the_filter_does_nothing(bench: Bench) -> None:
    await bench.control.patch("/chek/manners", json={"email_filter_works": False})
    headers = {"API-Key": "sandbox-chek-api-key", "Write-Key": "sandbox-chek-write-key"}
    base = f"{bench.sandbox.addresses['chek']}/api/v1/account/1/"
    async with httpx.AsyncClient(base_url=base, headers=headers) as chek:
        for number in range(30):
            body = PERSON | {"email": f"q{number}@example.test", "address": ADDRESS}
            assert (await chek.post("users/", json=body)).is_success
        last = await chek.post("users/", json={**PERSON, "email": PERSON["email"].lower(), "address": ADDRESS})
    outcome = await bench.rail.send(await made_ready(bench, "create_user"), open_gate)
    assert (outcome.code, outcome.rail_id) == ("already_there", str(last.json()["id"]))


async def test_that_nobody_is_there_is_believed_of_the_whole_list_only(bench: Bench) -> None:
    first = await bench.rail.send(await made_ready(bench, "create_user"), open_gate)
    await bench.control.patch("/chek/manners", json={"email_filter_is_blind": True})
    again = await bench.rail.send(await made_ready(bench, "create_user"), open_gate)
    assert (again.code, again.rail_id) == ("already_there", first.rail_id)


async def test_a_card_from_before_is_not_the_one_that_was_asked_for(bench: Bench) -> None:
    await bench.control.put(f"/chek/cards/{bench.card}", json={"status": "Inactive"})
    call = replace(call_of(bench, "create_card"), request={"user": bench.provider, "program": "501"})
    call = with_reading(call, (await bench.rail.ready(call)).evidence)
    await bench.fault("cut_before", JOURNAL["create_card"])
    assert (await bench.rail.send(call, open_gate)).state == "unknown"
    assert (await bench.rail.find(call)).conclusion == "refused"


async def test_two_cards_that_came_meanwhile_are_for_a_person(bench: Bench) -> None:
    call = await made_ready(bench, "create_card")
    await bench.fault("cut_after", JOURNAL["create_card"])
    assert (await bench.rail.send(call, open_gate)).state == "unknown"
    await bench.rail.client.post(wire(call), open_gate)
    assert (await bench.rail.find(call)).conclusion == "cannot_tell"
