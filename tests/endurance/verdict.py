"""What must be true at the end of a run, whatever happened in it. Each function returns what is wrong."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any
from uuid import UUID

import httpx
from temporalio.client import Client

from tests.endurance import authorizations
from tests.endurance.begin import Begun
from tests.endurance.ends import FINAL, STOPPED, agrees, left_over
from tests.endurance.patient import Acknowledged
from tests.endurance.servers import Servers
from tests.faults.world import World
from tests.proof import journal

_OPEN_CASES = "select subject_id from case_file where state = 'open'"
_STOPPED_CASES = _OPEN_CASES + " and kind = 'stopped'"
_MAILED = "select distinct subject_id from mail where template not like '%\\_staff'"
SAMPLE = 400
"""Acknowledged requests that are sent once more; of all of them the stored answer is compared."""
REPLAYED = "Idempotent-Replayed"
TEMPORAL_AWAY = "RPCError"
"""While PostgreSQL is away, too, a step fails and is done again: `outage` in the log. Anything else is a fault."""


async def ended(world: World, flows: Sequence[Begun]) -> list[str]:
    """Each flow is final, or waits for a person, who has a case of it or a mail; and it is what was done for it."""
    rows = await world.owner.fetch(
        "select flow_id, split_part(step, '/', 1) as step, count(*) as times from money_call"
        " where state = 'applied' and strategy <> 'harmless' group by 1, 2"
    )
    applied: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for row in rows:
        applied[row["flow_id"]][row["step"]] += row["times"]
    with_case = {row["subject_id"] for row in await world.owner.fetch(_OPEN_CASES)}
    mailed = {row["subject_id"] for row in await world.owner.fetch(_MAILED)}
    wrong = []
    today = await authorizations.today(world.system)
    for flow in flows:
        where = f"{flow.kind} {flow.path} is {flow.state!r}"
        if flow.state in STOPPED[flow.kind]:
            who = _who(flow)
            by_itself = who == "nobody" and flow.kind not in ("provider_payment", "reclaim", "account")
            # a customer whose account was declined is told by whoever asked for it
            told = who == "payee" and (str(flow.id) in mailed or flow.kind == "account")
            if not by_itself and not told and str(flow.id) not in with_case:
                wrong.append(f"{where}, {who} must act, and nobody is told: {flow.seen}")
        elif flow.state not in FINAL[flow.kind]:
            wrong.append(f"{where}: no end, and nobody is waited for; asked {flow.asked}")
        wrong += [f"{where}, but {what}" for what in left_over(flow.kind, flow.seen, today)]
        if not agrees(flow.kind, flow.state, applied[flow.id]):
            wrong.append(f"{where}, but was done {dict(applied[flow.id])}; asked {flow.asked}")
    stopped = {str(flow.id) for flow in flows if flow.state in STOPPED[flow.kind]}
    cases = {row["subject_id"] for row in await world.owner.fetch(_STOPPED_CASES)}
    return wrong + [f"{subject} is not stopped, and its case is open" for subject in cases - stopped]


async def each_once(world: World) -> list[str]:
    """What we say a partner did it did exactly once, and what we say it did not do it never did."""
    sends = await world.owner.fetch(
        "select m.id, m.rail, m.state, m.step, s.rail_reference from money_call m"
        " join money_call_send s on s.money_call_id = m.id where m.strategy <> 'harmless'"
        # what the journal knows by another name: wires.py and onboardings.py look at them
        " and m.rail <> 'by_hand' and m.flow <> 'onboarding'"
    )
    calls = {(send["rail"], send["rail_reference"]): send for send in sends}
    took: Counter[UUID] = Counter()
    for entry in await journal(world.system):
        if entry["took_effect"] and (call := calls.get((entry["partner"], entry["reference"]))):
            took[call["id"]] += 1
    wanted = {"applied": 1, "refused": 0, "recorded": 0}
    return [
        f"{call['rail']} {call['step']} of {call['id']} is {call['state']} and took effect {took[call['id']]} times"
        for call in {send["id"]: send for send in sends}.values()
        if took[call["id"]] != wanted.get(call["state"], took[call["id"]])
    ]


async def waiting_have_cases(world: World) -> tuple[int, list[str]]:
    """How many calls wait for a person, and those of them for which no case is open."""
    rows = await world.owner.fetch(
        "select m.flow, m.flow_id, m.step, exists (select from case_file c where c.state = 'open'"
        " and c.kind = 'needs_person' and c.subject_kind = m.flow and c.subject_id = m.flow_id::text) as has_case"
        " from money_call m where m.state = 'needs_person'"
    )
    return len(rows), [f"{r['flow']} {r['flow_id']} {r['step']}: no case" for r in rows if not r["has_case"]]


async def kept(world: World, acknowledged: Sequence[Acknowledged], chance: Random) -> list[str]:
    """No acknowledged request is lost: its key stands with its answer, and a repeat under the key is answered so."""
    rows = await world.owner.fetch("select key, status, response from idempotency_key")
    stored = {row["key"]: (row["status"], json.loads(row["response"] or "{}").get("body")) for row in rows}
    wrong = [
        f"{one.method} {one.url} was answered {one.status} and is not kept so"
        for one in acknowledged
        if stored.get(one.key) != (one.status, one.answer.decode())
    ]
    sample = acknowledged if len(acknowledged) <= SAMPLE else chance.sample(acknowledged, SAMPLE)
    async with httpx.AsyncClient(timeout=30) as client:
        for one in sample:
            again = await client.request(one.method, one.url, headers=dict(one.headers), content=one.body)
            if (again.status_code, again.content) != (one.status, one.answer) or again.headers.get(REPLAYED) != "true":
                wrong.append(f"{one.method} {one.url} was answered {one.status}, and again {again.status_code}")
    return wrong


async def trail_is_whole(world: World) -> list[str]:
    """Each request that took effect is in the audit trail once, and no other; each run that was to be started is."""
    rows = await world.owner.fetch(
        "select route, sum(kept) as kept, sum(audited) as audited from ("
        "  select path as route, 1 as kept, 0 as audited from idempotency_key"
        "  union all select detail ->> 'route', 0, 1 from audit.entry where action = 'request.accepted') told"
        " group by 1 having sum(kept) <> sum(audited)"
    )
    wrong = [f"{row['route']} took effect {row['kept']} times and is audited {row['audited']} times" for row in rows]
    rows = await world.owner.fetch("select kind, workflow_id, last_error from workflow_outbox where done_at is null")
    return wrong + [f"the {row['kind']} of {row['workflow_id']} is not done: {row['last_error']}" for row in rows]


async def runs_are_sound(client: Client) -> tuple[Counter[str], Counter[str], list[str]]:
    """How many runs there were by status and by workflow, and those that failed, or do not fit their history."""
    found: Counter[str] = Counter()
    workflows: Counter[str] = Counter()
    wrong = []
    async for run in client.list_workflows(""):
        status = run.status.name if run.status else "UNKNOWN"
        found[status] += 1
        workflows[run.workflow_type] += 1
        if status not in ("RUNNING", "COMPLETED", "CONTINUED_AS_NEW"):
            wrong.append(f"run {run.id} is {status}")
    problems = "TemporalReportedProblems in ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"
    wrong += [f"run {run.id} has workflow tasks that fail" async for run in client.list_workflows(problems)]
    return found, workflows, wrong


async def mails_are_sent(world: World) -> list[str]:
    """Each mail that was written."""
    rows = await world.owner.fetch("select template, subject_kind, subject_id from mail where state = 'pending'")
    return [f"the mail {row['template']} of {row['subject_kind']} {row['subject_id']} is not sent" for row in rows]


async def open_cases(world: World) -> dict[str, int]:
    """How many there are of each kind."""
    rows = await world.owner.fetch(
        "select kind, count(*) as n from case_file where state = 'open' group by 1 order by 1"
    )
    return {row["kind"]: row["n"] for row in rows}


def logs_are_clean(servers: Servers) -> tuple[Counter[str], list[str]]:
    """Kinds of failed steps, counted, and those that no outage explains."""
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    for name in servers.killable:
        if name.startswith(("worker", "api")):
            for said in _events(servers.written(name)):
                kind = str(said.get("error", ""))
                if said.get("event") == "activity_failed" or said.get("event") == "request_failed":
                    kinds[kind] += 1
                    if kind != TEMPORAL_AWAY and not said.get("outage"):
                        wrong.append(f"{name}: {said}")
                elif "ondeterminis" in str(said):
                    wrong.append(f"{name}: {said}")
    return kinds, wrong


def _events(written: str) -> Iterable[dict[str, Any]]:
    for line in written.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:  # a line that the kill cut off
                continue
        elif "ondeterminis" in line:
            yield {"event": line}


def _who(flow: Begun) -> str | None:
    """Who its document says must act."""
    who: str | None = flow.seen.get("who_must_act") or (flow.seen.get("payout") or {}).get("who_must_act")
    return who
