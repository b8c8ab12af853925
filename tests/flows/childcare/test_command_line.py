"""`bursar childcare` against a running system: dry runs that do nothing, and runs that do it once."""

from domain.childcare_month import following
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
    backwards = ("--program", town.program_id, "--first-day", str(town.day(7)), "--last-day", str(town.day(1)))
    for refused in ((*backwards, "--dry-run"), backwards):
        code, printed = await bursar("pay-run", *refused)
        assert (code, "The period has 1 to 92 days" in printed) == (1, True), printed
    assert (await town.system.get(f"/v1/allocations?child_id={child_id}"))["data"] == []
    assert (await town.system.get("/v1/pay-runs"))["data"] == []
    assert (await town.system.get("/v1/reclaims"))["data"] == []

    # the API's date counts, which lies months ahead of this machine's, and not only the month that was named
    code, printed = await bursar("allocate", "--next-month", "--dry-run")
    assert (code, month in printed) == (0, True), printed
    present = f"{town.today:%Y-%m}"
    code, printed = await bursar("allocate", "--dry-run")
    assert (code, present in printed) == (0, True), printed
    for beyond in (f"{following(town.month):%Y-%m}", "2024-01"):
        code, printed = await bursar("allocate", "--month", beyond, "--dry-run")
        assert (code, "month_not_open" in printed) == (1, True), printed
    assert (await bursar("allocate", "--month", month, "--next-month", "--dry-run"))[0] == 2

    code, printed = await bursar("allocate", "--next-month")
    assert (code, f"{child_id} {month}: funded" in printed) == (0, True), printed
    (allocation,) = (await town.system.get(f"/v1/allocations?child_id={child_id}"))["data"]
    assert allocation["allocation_cents"] == 41_250
    code, printed = await bursar("pay-run", *period)
    assert (code, "finished" in printed) == (0, True), printed
    assert len(await payments(town)) == 4
    code, printed = await bursar("retry-failed", "--all")
    assert (code, "0 asked, 0 refused" in printed) == (0, True), printed
    await town.system.until(f"/v1/allocations/{allocation['id']}", lambda seen: seen["funding_state"] == "funded")
    code, printed = await bursar("reclaim", "--month", month)
    assert (code, "3 asked, 0 refused" in printed) == (0, True), printed
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
    assert (code, "1 asked, 0 refused" in printed) == (0, True), printed
    await town.system.until(f"/v1/allocations/{allocation['id']}", lambda seen: seen["funding_state"] == "funded")
    code, printed = await bursar("backfill-funding")
    assert (code, "0 asked, 0 refused" in printed) == (0, True), printed
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

    # asked is not done: what stops again is named, and what cannot be asked again is refused
    code, printed = await bursar("retry-failed", "--intent", payment["id"], "--dry-run")
    assert (code, "not_stopped" in printed) == (1, True), printed
    code, printed = await bursar("retry-failed", "--intent", payment["id"])
    assert (code, "not_stopped" in printed, "0 asked, 1 refused" in printed) == (1, True, True), printed


async def test_retry_failed_takes_returned_payments_and_says_what_became_of_each(town: Town, bursar: Bursar) -> None:
    provider = await town.provider("ach")
    child = await town.child(await town.family())
    allocation = await town.allocation(child, 20_000)
    await town.rate(provider, child)
    returned = await town.pay(await town.care_days(allocation, provider, 1))
    await town.at_the_bank(returned["payment"]["chek_id"], "return", code="R02")
    await town.watch_payouts()
    await town.until(returned, "returned")
    # the bank account is closed: the payment is asked for again, and stops
    await town.bank_account(provider.chek_user, "Inactive")

    code, printed = await bursar("retry-failed", "--all")

    assert (code, "1 asked, 0 refused" in printed) == (1, True), printed
    assert f"{returned['id']}: payout_stopped method_inactive" in printed
    await town.bank_account(provider.chek_user, "Active")
    code, printed = await bursar("retry-failed", "--all", "--since", town.today.isoformat())
    assert (code, "0 asked" in printed) == (0, True), "the rows were written before the sandbox's date"
    code, printed = await bursar("retry-failed", "--all")
    assert (code, f"{returned['id']}: paid" in printed) == (0, True), printed
    await prove(town, provider)


async def test_a_month_that_is_over_frees_what_nobody_submitted_and_a_dry_run_says_so(
    town: Town, bursar: Bursar
) -> None:
    provider = await town.provider("ach")
    child = await town.child(await town.family())
    allocation = await town.allocation(child, 10_000)
    await town.rate(provider, child)
    await town.care_days(allocation, provider, 1, 2)
    month = ("--month", f"{town.month:%Y-%m}", "--release-unsubmitted")

    code, printed = await bursar("reclaim", *month, "--dry-run")
    assert (code, "month_not_over" in printed, "100.00" in printed) == (1, True, True), printed
    code, printed = await bursar("reclaim", *month)
    assert (code, "month_not_over" in printed, "0 asked, 1 refused" in printed) == (1, True, True), printed
    await town.advance(70)
    assert (await bursar("reclaim", *month, "--dry-run"))[0] == 0
    code, printed = await bursar("reclaim", *month)
    assert (code, f"{allocation['id']}: reclaimed" in printed) == (0, True), printed
    await prove(town, provider)
