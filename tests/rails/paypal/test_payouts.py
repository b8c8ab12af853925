"""The PayPal rail against the pretend PayPal: what each answer proves, and that a sender_batch_id makes one batch."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from rails.base import DeadlinePassed, EvidenceUnavailable, NotSent
from rails.paypal.answer import classify
from rails.paypal.statement import PayPalStatement
from tests.rails.paypal.conftest import NOW, PayPal, payout_call


async def test_a_batch_that_is_taken_in_is_applied_under_its_id(paypal: PayPal) -> None:
    call = payout_call()
    outcome = await paypal.send(call)
    (item,) = await paypal.items()
    assert (outcome.state, outcome.rail_id) == ("applied", item["batch_id"])
    assert (item["sender_batch_id"], item["amount"]) == (call.rail_reference, 6_000)


@pytest.mark.parametrize(
    "kind",
    ["cut_before", "cut_after", "malformed_before", "malformed", "http_500_before", "http_500_after", "wrong_amount",
     "wrong_reference", "status:409", "status:429", "status:401", "status_after:400"],
)  # fmt: skip
async def test_every_doubt_is_unknown_and_the_repeat_makes_one_batch(paypal: PayPal, kind: str) -> None:
    await paypal.fault(kind)
    call = payout_call()

    assert (await paypal.send(call)).state == "unknown"
    assert (await paypal.rail.find(call)).conclusion == "send_again"
    again = await paypal.send(call)

    (item,) = await paypal.items()
    assert (again.state, again.rail_id) == ("applied", item["batch_id"])


async def test_a_batch_of_another_amount_under_our_id_proves_nothing(paypal: PayPal) -> None:
    call = payout_call()
    await paypal.send(call)
    other = payout_call(1)
    outcome = await paypal.send(replace(other, rail_reference=call.rail_reference))
    assert outcome.state == "unknown"


@pytest.mark.parametrize("name", ["SENDER_ACCOUNT_UNVERIFIED", "REQUIRED_SCOPE_MISSING", "SENDER_RESTRICTED"])
async def test_an_account_that_may_not_send_is_refused_and_another_name_proves_nothing(name: str) -> None:
    told = classify(payout_call(), 403, json.dumps({"name": name}).encode())
    assert (told.state, told.code, told.must_act) == ("refused", name, "operator")
    assert classify(payout_call(), 403, b'{"name": "A_NAME_OF_NEXT_YEAR"}').state == "unknown"


async def test_refusals_are_ours_to_mend(paypal: PayPal) -> None:
    short = await paypal.send(payout_call(100_001))
    assert (short.state, short.code, short.must_act) == ("refused", "INSUFFICIENT_FUNDS", "operator")
    bad = payout_call()
    malformed = await paypal.send(replace(bad, request={**bad.request, "receiver": ""}))
    assert (malformed.state, malformed.code, malformed.must_act) == ("refused", "VALIDATION_ERROR", "operator")
    assert await paypal.items() == []


async def test_nothing_is_written_after_the_gate_closed_or_without_a_token(paypal: PayPal) -> None:
    async def gate() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(NotSent):
        await paypal.rail.send(payout_call(), gate)
    await paypal.control.delete("/paypal/tokens")
    paypal.rail._tokens.forget()
    body = {"partner": "paypal", "operation": "oauth2.token", "kind": "http_500_before"}
    await paypal.control.post("/faults", json=body)
    with pytest.raises(NotSent):
        await paypal.send(payout_call())
    assert await paypal.items() == []


async def test_after_its_safe_days_a_batch_is_never_sent_again(paypal: PayPal) -> None:
    call = payout_call()
    paypal.now = NOW + timedelta(days=25)
    assert (await paypal.rail.find(call)).conclusion == "cannot_tell"
    paypal.now -= timedelta(seconds=1)
    assert (await paypal.rail.find(call)).conclusion == "send_again"


async def test_a_batch_is_read_as_news_of_its_item(paypal: PayPal) -> None:
    statement, call = PayPalStatement(paypal.rail), payout_call()
    batch_id = (await paypal.send(call)).rail_id
    assert batch_id is not None
    (item,) = await paypal.items()
    body = {"status": "FAILED", "error": "RECEIVER_ACCOUNT_LOCKED"}
    await paypal.control.post(f"/paypal/items/{item['id']}/become", json=body)

    told = await statement.read("payout", batch_id)

    assert told is not None
    assert (told.amount, told.currency, told.stage, told.follows) == (6_000, "USD", "failed", True)
    assert told.received.event_id == f"listing/{item['id']}/failed"
    assert (told.received.subject, told.received.reference) == (batch_id, call.rail_reference)
    assert "maria@" not in repr(told)
    assert await statement.read("payout", "NOBODYS") is None
    assert [one async for one in statement.listed("payout", NOW)] == []


async def test_an_answer_that_is_no_batch_is_no_proof_that_there_is_none(paypal: PayPal) -> None:
    for kind in ("http_500_before", "malformed_before", "status:404"):
        await paypal.control.post("/faults", json={"partner": "paypal", "operation": "payouts.get", "kind": kind})
        with pytest.raises(EvidenceUnavailable):
            await paypal.rail.batch("NOBODYS")


async def test_nothing_secret_is_in_an_outcome(paypal: PayPal) -> None:
    for call in (payout_call(), payout_call(100_001)):
        outcome = await paypal.send(call)
        assert call.request["receiver"] not in repr(outcome) + str(outcome.evidence)
