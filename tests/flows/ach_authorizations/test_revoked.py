"""A customer takes an authorization back: through their bank (a return), or by telling us; no charge follows."""

from datetime import date, datetime
from typing import Any

import pytest

from domain.calendar import add_banking_days, new_york_date
from domain.recurrence import Frequency, charge_date, period_date
from tests.flows.ach_authorizations.payers import Payers, charged, notices, periods
from tests.flows.ach_operations import LONGEST_HISTORY, come_back, longest_history
from tests.proof import prove


async def _settled(payers: Payers, authorization: dict[str, Any]) -> dict[str, Any]:
    """The first charge, settled at the bank."""
    seen = await payers.until(authorization, charged(1))
    path = f"/v1/ach-debits/{seen['detail']['periods'][-1]['transaction_id']}"
    await payers.system.advance_clock(days=4)
    debit: dict[str, Any] = await payers.system.until(path, lambda entry: entry["ach_state"] == "settled")
    return debit


@pytest.mark.parametrize("code", ["R07", "R10"])
async def test_a_real_return_of_a_settled_charge_revokes_the_authorization_and_no_charge_follows(
    payers: Payers, code: str
) -> None:
    authorization = await payers.authorized()
    debit = await _settled(payers, authorization)
    await come_back(payers.system, debit, code)

    revoked = await payers.until(authorization, lambda now: now["state"] == "revoked")
    assert (revoked["code"], revoked["who_must_act"]) == ("authorization_revoked", "payee")
    assert code in revoked["message"]
    ended = new_york_date(datetime.fromisoformat(revoked["ended_at"]))
    assert date.fromisoformat(revoked["retain_until"]) == ended.replace(year=ended.year + 5)
    account = await payers.system.get(f"/v1/ach-accounts/{payers.account['id']}")
    assert (account["is_active"], account["return_count"]) == (False, 1)
    returned = await payers.system.get(f"/v1/ach-debits/{debit['id']}")
    assert (returned["ach_state"], returned["return_code"]) == ("returned", code)
    (told,) = (await payers.system.get("/v1/ach-returns"))["data"]
    assert (told["authorization_revoked"], told["account_effect"]) == (True, "disable_debits")
    whole = await payers.system.get(f"/v1/ach-returns/{told['id']}")
    assert [case["kind"] for case in whole["cases"]] == ["return_alert"]

    seen = await payers.until(authorization, lambda now: any(told["sent_at"] for told in notices(now, "returned")))
    (told,) = notices(seen, "returned")
    assert (told["transaction_id"], told["amount"]) == (debit["id"], debit["amount"]), "the customer was told"

    refused = await payers.debit(authorization)
    assert (refused.status_code, refused.json()["code"]) == (409, "authorization_revoked")
    start = date.fromisoformat(authorization["starts_on"])
    second = charge_date(period_date(start, Frequency.MONTHLY, 1))
    await payers.system.advance_clock(days=(second - await payers.today()).days + 2)
    seen = await payers.until(authorization, lambda now: any(notice["sent_at"] for notice in notices(now, "statement")))
    assert len(await payers.taken()) == 1, "the next charge did not happen"
    assert dict(periods(seen)) == {start.isoformat(): "charged"}
    await prove(payers.system)
    assert await longest_history(payers.system, debit) <= LONGEST_HISTORY


async def test_a_cancellation_is_honoured_within_a_banking_day_and_the_checklist_shows_it(payers: Payers) -> None:
    """On the very day of the charge, before the opening of business: it takes effect with the answer."""
    start = await payers.today()
    authorization = await payers.authorized(frequency="weekly")
    await payers.until(authorization, charged(1))
    second = charge_date(period_date(start, Frequency.WEEKLY, 1))
    await payers.system.advance_clock(days=(second - start).days - 1, hours=18)
    cancelled = await payers.command(authorization, "cancel", reason="wrote on the morning of the charge")
    assert cancelled["state"] == "cancelled"
    asked = new_york_date(datetime.fromisoformat(cancelled["ended_at"]))
    assert asked == second
    seen = await payers.until(authorization, lambda now: "planned" not in dict(periods(now)).values(), seconds=15)
    assert dict(periods(seen))[second.isoformat()] == "skipped", "no charge is announced for what has ended"
    await payers.system.advance_clock(days=(add_banking_days(asked, 1) - asked).days)
    refused = await payers.debit(authorization)
    assert (refused.status_code, refused.json()["code"]) == (409, "authorization_cancelled")
    await payers.system.advance_clock(days=20)
    assert len(await payers.taken()) == 1, "nothing was debited from the cancellation on"
    items = {item["item"]: item for item in (await payers.system.get("/v1/compliance/nacha"))["items"]}
    honoured = items["cancellation_honoured"]
    assert (honoured["status"], honoured["checked"]) == ("met", 1)
