"""Stories of limits: per entry and per New York date, reserved under a lock, debits and credits apart."""

import asyncio
from datetime import UTC, datetime

from domain.calendar import new_york_date
from tests.flows.ach import debited, merchant, stored_account
from tests.flows.ach_operations import ask, pay_out, refusal, settled_debit, void
from tests.proof import prove
from tests.system import System


async def test_debits_at_once_cannot_take_the_same_rest_of_the_day(system: System) -> None:
    account = await stored_account(system, await merchant(system, per_transaction_limit=9_000, per_day_limit=25_000))
    body = {"account_id": account["id"], "amount": 9_000, "currency": "USD"}
    answers = await asyncio.gather(*(ask(system, "/v1/ach-debits", body, wait=10) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, 200] + [422] * 6
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"day_limit_exceeded"}
    taken = next(answer.json() for answer in answers if answer.status_code == 200)
    assert taken["business_date"] == new_york_date(datetime.fromisoformat(taken["processed_at"])).isoformat()
    await void(system, taken["id"])
    assert (await ask(system, "/v1/ach-debits", body, wait=10)).status_code == 200, "what was voided is free again"
    await prove(system)


async def test_credits_count_apart_from_debits(system: System) -> None:
    account = await stored_account(system, await merchant(system, per_transaction_limit=20_000, per_day_limit=20_000))
    await settled_debit(system, account["id"], 20_000)
    await debited(system, account["id"], 20_000)
    assert refusal(await pay_out(system, account["id"], 20_001)) == (422, "limit_exceeded")
    assert (await pay_out(system, account["id"], 15_000)).status_code == 200
    assert refusal(await pay_out(system, account["id"], 5_001)) == (422, "day_limit_exceeded")
    await prove(system)


def test_a_business_date_is_the_banks_not_utcs() -> None:
    assert new_york_date(datetime(2026, 7, 2, 3, 59, tzinfo=UTC)).isoformat() == "2026-07-01"
    assert new_york_date(datetime(2026, 1, 2, 4, 59, tzinfo=UTC)).isoformat() == "2026-01-01"
