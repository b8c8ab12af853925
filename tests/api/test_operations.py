"""What an operator finds and does in the Temporal web UI: runs by their search attributes, and commands by signals."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import text
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle

from domain.ids import new_id, public_id
from settings import Settings
from tests.flows.ach import debited, merchant, stored_account
from tests.system import System


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The gateway has no report, so a lost answer needs a person; runs have links to a web UI."""
    return settings.model_copy(
        update={
            "epx": settings.epx.model_copy(update={"inquiry_source": "none"}),
            "temporal": settings.temporal.model_copy(update={"ui_url": "http://127.0.0.1:8233"}),
            "api": settings.api.model_copy(update={"public_url": "http://bursar.test"}),
        }
    )


async def found(system: System, **attributes: str) -> set[str]:
    """The ids of this organization's runs with these search attributes."""
    wanted = {"Organization": public_id("org", system.organization_id), **attributes}
    query = " and ".join(f"{name} = '{value}'" for name, value in wanted.items())
    return {run.id async for run in system.house.temporal.list_workflows(query)}


def run_of(system: System, resource: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    """The run that the resource links to."""
    prefix = "http://127.0.0.1:8233/namespaces/bursar/workflows/"
    assert resource["links"]["run"].startswith(prefix)
    return system.house.temporal.get_workflow_handle(unquote(resource["links"]["run"].removeprefix(prefix)))


async def details(run: WorkflowHandle[Any, Any]) -> str:
    """What the web UI shows as the run's current details."""
    shown = await run.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(shown.current_details)


async def audited(system: System, action: str) -> list[dict[str, Any]]:
    async with system.house.database.across_organizations(actor="test") as uow:
        written = text("select actor, request_id, detail from audit.entry where action = :action order by id")
        return [dict(row) for row in await uow.all(written.bindparams(action=action))]


async def in_doubt(system: System) -> dict[str, Any]:
    """A debit whose answer was lost."""
    account = await stored_account(system, await merchant(system))
    await system.control.post("/faults", json={"partner": "epx", "operation": "CKC2", "kind": "cut_after", "count": 1})
    body = {"account_id": account["id"], "amount": 15_000, "currency": "USD"}
    debit: dict[str, Any] = await system.post("/v1/ach-debits", body)
    return debit


async def test_a_run_is_found_by_organization_flow_state_subject_and_payee(system: System) -> None:
    account = await stored_account(system, await merchant(system))
    debit = await debited(system, account["id"])
    run = run_of(system, debit)
    for attributes in (
        {"Subject": debit["id"]},
        {"Flow": "ach-debit", "Payee": debit["customer_id"]},
        {"Flow": "ach-debit", "State": "accepted"},
    ):
        await system.eventually(partial(found, system, **attributes), lambda ids: ids == {run.id})
    assert await found(system, Organization=public_id("org", new_id())) == set()
    described = await run.describe()
    assert await described.static_summary() == "ACH debit 150.00 USD"
    listed = parse_qs(urlsplit(debit["links"]["runs"]).query)["query"]
    assert (await system.house.temporal.count_workflows(*listed)).count == 1
    path = f"/v1/ach-debits/{debit['id']}"
    assert await described.static_details() == f"[{path}](http://bursar.test{path})"


async def test_the_state_follows_the_flow_through_doubt_and_a_persons_decision(system: System) -> None:
    debit = await in_doubt(system)
    run = run_of(system, debit)
    for state in ("unknown", "needs_person"):
        await system.eventually(partial(found, system, Subject=debit["id"], State=state), bool)
    assert (await run.query("status"))["waiting_for"] == "an operator to find out and resolve"

    (call,) = (await system.get("/v1/money-calls"))["data"]
    path = f"/v1/money-calls/{call['id']}"
    evidence = {"outcome": "refused", "evidence": "The gateway's portal does not list it"}
    proposed = await system.post(f"{path}/resolve", evidence)
    seen = {"seen": proposed["proposal"]["seen"]}
    confirmed = await system.other_operator.post(f"{path}/confirm", json=seen)
    assert confirmed.is_success, confirmed.text
    (row,) = await audited(system, "money_call.refused")
    assert row["request_id"] == confirmed.headers["X-Request-Id"]

    path = f"/v1/ach-debits/{debit['id']}"
    end = await system.until(path, lambda seen: seen["ach_state"] not in ("submitting", "unknown"))
    await system.eventually(lambda: found(system, Subject=debit["id"], State=end["ach_state"]), bool)


async def test_who_moved_the_clock_is_found_by_the_request(system: System) -> None:
    answer = await system.api.post("/v1/sandbox/clock/advance", json={"hours": 1})
    assert answer.is_success, answer.text
    (row,) = await audited(system, "business_clock.advanced")
    assert row["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("said", [[], [{"reason": "the bank called"}], [None]])
async def test_a_signal_asks_and_is_audited_as_unverified(system: System, said: list[Any]) -> None:
    debit = await in_doubt(system)
    run = run_of(system, debit)
    await system.eventually(lambda: found(system, Subject=debit["id"], State="needs_person"), bool)
    for name in ("cancel", "resolve", "reverse", "retry"):
        await run.signal(name, args=said)
    await system.eventually(lambda: audited(system, "flow.retry_refused"), bool)
    for action in ("cancel_refused", "resolve_asked", "reverse_asked"):
        (row,) = await audited(system, f"flow.{action}")
        assert row["actor"] == "unverified/signal"
    assert row["detail"].get("reason") == (said[0]["reason"] if said and said[0] else None)
    cases = {case["kind"] for case in (await system.get("/v1/cases"))["data"]}
    assert {"needs_person", "resolve_asked", "reverse_asked"} <= cases
    (call,) = (await system.get("/v1/money-calls"))["data"]
    assert call["state"] == "needs_person", "a signal settles nothing"


async def test_what_makes_no_sense_as_a_signal_leaves_the_run_as_it_was(system: System) -> None:
    debit = await in_doubt(system)
    run = run_of(system, debit)
    await system.eventually(lambda: found(system, Subject=debit["id"], State="needs_person"), bool)
    for arguments in (
        ["please"],
        [5],
        [{"reason": "x" * 501}],
        [{"reason": "a"}, {"reason": "b"}],
        [{"method_id": "x"}],
    ):
        await run.signal("cancel", args=arguments)
    await run.signal("no_such_thing")
    await run.signal("wake", args=[5, 6])
    for instants in ([], ["soon"], ["2026-11-20"], [5], [None, 5]):
        await run.signal("clock_advanced", args=instants)
    await system.eventually(partial(details, run), lambda text: "`cancel`, not taken" in text)
    await run.signal("resolve")
    await system.eventually(lambda: audited(system, "flow.resolve_asked"), bool)
    assert (await run.query("status"))["state"] == "needs_person"


async def test_the_details_of_a_run_say_where_it_stands_and_what_became_of_an_ask(system: System) -> None:
    debit = await in_doubt(system)
    run = run_of(system, debit)
    await system.eventually(lambda: found(system, Subject=debit["id"]), bool)
    waits = "**needs_person**, waiting for an operator to find out and resolve"
    await system.eventually(partial(details, run), lambda text: text == waits)
    await run.signal("cancel", {"reason": "not wanted any more"})
    text = await system.eventually(partial(details, run), lambda text: "Last asked" in text)
    assert text.startswith(f"{waits}\n\nLast asked: `cancel`, refused (`")
    assert "not wanted any more" not in text
    await run.signal("resolve")
    await system.eventually(partial(details, run), lambda text: "`resolve`, accepted: A case is open" in text)
