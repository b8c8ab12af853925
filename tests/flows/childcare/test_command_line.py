"""`bursar childcare` against a running system: dry runs that do nothing, and runs that do it once."""

from domain.ids import new_id
from tests.flows.childcare.books import payments, prove
from tests.flows.childcare.conftest import Bursar
from tests.flows.childcare.pay_run import populate
from tests.flows.childcare.town import Town


async def test_a_month_from_the_command_line(town: Town, bursar: Bursar) -> None:
    await populate(town, 4)
    family = await town.family()
    child = {
        "family_id": family.id,
        "program_id": town.program_id,
        "external_id": f"child-{new_id().hex}",
        "name": "Ana",
        "monthly_amount": "412.50",
    }
    child_id = (await town.system.post("/v1/children", child))["id"]
    month = f"{town.month:%Y-%m}"
    period = ("--program", town.program_id, "--first-day", str(town.day(1)), "--last-day", str(town.day(7)))

    for command, arguments, said in (
        ("allocate", ("--month", month), "412.50"),
        ("pay-run", period, "200.00"),
        ("reclaim", ("--month", month), "100.00"),
    ):
        code, printed = await bursar(command, *arguments, "--dry-run")
        assert (code, said in printed, "nothing was done" in printed) == (0, True, True), printed
    assert (await town.system.get(f"/v1/allocations?child_id={child_id}"))["data"] == []
    assert (await town.system.get("/v1/pay-runs"))["data"] == []
    assert (await town.system.get("/v1/reclaims"))["data"] == []

    assert (await bursar("allocate", "--month", month))[0] == 0
    (allocation,) = (await town.system.get(f"/v1/allocations?child_id={child_id}"))["data"]
    assert allocation["allocation_cents"] == 41_250
    code, printed = await bursar("pay-run", *period)
    assert (code, "finished" in printed) == (0, True), printed
    assert len(await payments(town)) == 4
    code, printed = await bursar("retry-failed", "--all")
    assert (code, "0 done, 0 refused" in printed) == (0, True), printed
    await town.system.until(f"/v1/allocations/{allocation['id']}", lambda seen: seen["funding_state"] == "funded")
    code, printed = await bursar("reclaim", "--month", month)
    assert (code, "3 done, 0 refused" in printed) == (0, True), printed
    await town.system.until("/v1/reclaims", lambda seen: {item["state"] for item in seen["data"]} == {"reclaimed"})
    await prove(town)


async def test_fundings_that_stopped_are_done_again_from_the_command_line(town: Town, bursar: Bursar) -> None:
    child = await town.child(await town.family())
    await town.system.control.put("/chek/programs/501/balance", json={"balance": 0})
    allocation = await town.allocation(child, 41_250)
    assert (allocation["funding_state"], allocation["code"]) == ("unfunded", "chek_400")
    await town.system.control.put("/chek/programs/501/balance", json={"balance": 1_000_000})
    await town.system.control.delete("/journal")

    code, printed = await bursar("backfill-funding", "--dry-run")
    assert (code, "412.50" in printed, "chek_400" in printed) == (0, True, True), printed
    assert (await town.system.control.get("/journal", params={"partner": "chek"})).json()["data"] == []
    assert (await town.system.get(f"/v1/allocations/{allocation['id']}"))["funding_state"] == "unfunded"

    code, printed = await bursar("backfill-funding", "--month", f"{town.month:%Y-%m}")
    assert (code, "1 done, 0 refused" in printed) == (0, True), printed
    await town.system.until(f"/v1/allocations/{allocation['id']}", lambda seen: seen["funding_state"] == "funded")
    code, printed = await bursar("backfill-funding")
    assert (code, "0 done, 0 refused" in printed) == (0, True), printed
    await prove(town)


async def test_what_failed_is_listed_named_and_retried_and_a_wrong_key_is_one_line(town: Town, bursar: Bursar) -> None:
    provider = await town.provider("ach", active=False)
    child = await town.child(await town.family())
    allocation = await town.allocation(child, 20_000)
    await town.rate(provider, child)
    await town.care_days(allocation, provider, 1)
    period = ("--program", town.program_id, "--first-day", str(town.day(1)), "--last-day", str(town.day(7)))

    code, printed = await bursar("pay-run", *period)

    assert (code, "method_missing" in printed) == (1, True), printed
    (run,) = (await town.system.get("/v1/pay-runs"))["data"]
    (payment,) = (await town.system.get("/v1/provider-payments"))["data"]
    for arguments in ((), ("--run", run["id"], "--dry-run"), ("--intent", payment["id"], "--dry-run")):
        code, printed = await bursar("retry-failed", *arguments)
        assert (code, "nothing was done" in printed) == (0, True), printed
    await town.bank_account(provider.chek_user, "Active")
    assert (await bursar("retry-failed", "--run", run["id"]))[0] == 0
    assert len(await payments(town)) == 1
