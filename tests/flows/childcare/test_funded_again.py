"""Stories of what an outage left undone, an allocation's money (S8) or a user: nobody has to ask for it again."""

import pytest

from settings import Settings
from tests.flows.childcare.books import balances, prove
from tests.flows.childcare.test_onboarding import USERS, a_family, chek_users, onboard, person, until
from tests.flows.childcare.town import Town

TRANSFER = "users.transfer_balance"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The next try comes soon."""
    return settings.model_copy(
        update={"childcare": settings.childcare.model_copy(update={"funding_again_seconds": 0.5})}
    )


@pytest.mark.parametrize("kind", ["cut_before", "http_500_before"])
async def test_an_allocation_that_chek_did_not_take_in_is_funded_by_itself_later(town: Town, kind: str) -> None:
    family = await town.family()
    await town.fault(TRANSFER, kind, count=2)

    allocation = await town.allocation(await town.child(family), 70_000, wait=0)

    path = f"/v1/allocations/{allocation['id']}"
    funded = await town.system.until(path, lambda seen: seen["funding_state"] == "funded")
    calls = [(call["ordinal"], call["state"], call["code"]) for call in funded["detail"]["money_calls"]]
    assert calls[:2] == [(1, "refused", "balances_unmoved"), (2, "refused", "balances_unmoved")]
    assert calls[2][:2] == (3, "applied")
    assert len(await town.sent(TRANSFER)) == 1
    assert (await balances(town))["wallet", family.chek_user] == 70_000
    await prove(town)


async def test_a_user_whom_chek_did_not_make_is_made_by_itself_later(town: Town) -> None:
    await town.fault(USERS, "cut_before", count=2)
    family_id = await a_family(town)

    asked = await onboard(town, family_id=family_id, person=person("maria@example.test"), wait=0)

    done = await until(town, asked, "onboarded")
    calls = [(call["ordinal"], call["state"], call["code"]) for call in done["detail"]["money_calls"]]
    assert calls == [(1, "refused", "not_made"), (2, "refused", "not_made"), (3, "applied", "done")]
    assert len(await chek_users(town)) == 1


async def test_what_chek_refuses_is_not_asked_again_by_itself(town: Town) -> None:
    allocation = await town.allocation(await town.child(await town.family()), 66_600)
    assert (allocation["code"], allocation["who_must_act"]) == ("chek_400", "operator")
    assert [(case["kind"], case["state"]) for case in allocation["detail"]["cases"]] == [("stopped", "open")]
    await town.fault("*", "refuse_connection", count=None)
    again = await town.system.get(f"/v1/allocations/{allocation['id']}")
    assert len(again["detail"]["money_calls"]) == 1
