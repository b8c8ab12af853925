"""Codec and XML: what sealing payloads and speaking with the gateway cost, and which part of a flow that is."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import httpx
from lxml import etree
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.temporal import data_converter
from bench.answer import Answer, Goal
from bench.plan import Plan
from bench.processor import Processor
from bench.rounds import Take, in_turn, rows
from bench.sample import Once, Sample, closed_loop
from contracts.ach import EntryStanding
from db.crypto.keyring import Keyring
from domain.clock import SystemClock
from domain.money import Money
from domain.money_call import MoneyCall
from rails.epx.answer import classify

PAYLOADS_PER_FLOW = 25
"""Assumed of a debit: recorded histories have 7 to 36 (tests/replay/histories/ach-debit)."""
MOST_OF_A_FLOW = 0.05
LEAST_FLOW_US = 33_000
"""Processor time of a bare workflow with three activities that do nothing, server and worker: a flow costs more."""

FORM = {
    "CUST_NBR": "9001",
    "MERCH_NBR": "900300",
    "DBA_NBR": "2",
    "TERMINAL_NBR": "21",
    "TRAN_TYPE": "CKC2",
    "AMOUNT": "123.45",
    "BATCH_ID": "20261120",
    "TRAN_NBR": "1234567890",
    "ACCOUNT_NBR": "000123456789",
    "ROUTING_NBR": "021000021",
    "FIRST_NAME": "Ada",
    "LAST_NAME": "Lovelace",
    "STD_ENTRY_CLASS": "PPD",
}
ANSWERED = {
    "MSG_VERSION": "003",
    **{name: FORM[name] for name in ("CUST_NBR", "MERCH_NBR", "DBA_NBR", "TERMINAL_NBR", "TRAN_TYPE", "BATCH_ID")},
    "TRAN_NBR": FORM["TRAN_NBR"],
    "AUTH_AMOUNT": FORM["AMOUNT"],
    "AUTH_CODE": "052316",
    "AUTH_GUID": "09LMQ1CYDQ7K2P1CE5Y",
    "AUTH_RESP": "00",
    "AUTH_RESP_TEXT": "ACCEPTED",
    "LOCAL_DATE": "112026",
    "LOCAL_TIME": "120000",
}


async def measure(plan: Plan) -> list[Answer]:
    """Two tables: payloads of Temporal, and the gateway's wire format."""
    processor = Processor()

    async def compare(contenders: Mapping[str, Once], baseline: str, setting: str, question: str) -> Answer:
        takes: dict[str, Take] = {name: partial(_take, once, processor) for name, once in contenders.items()}
        samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
        return Answer(question, "round trips", rows(samples, baseline=baseline, setting=setting))

    payloads = await compare(_payloads(), "pydantic only", "to a payload and back", "payload codec")
    wire = await compare(_wire(), "urlencode and lxml", "form and answer", "gateway's wire format")
    return [
        _with_goal(payloads, "pydantic, sealed", PAYLOADS_PER_FLOW, minus="pydantic only"),
        _with_goal(wire, "request and classified answer", 1),
    ]


async def _take(once: Once, processor: Processor, seconds: float) -> Sample:
    return await closed_loop(once, 1, seconds, processor)


def _payloads() -> dict[str, Once]:
    value = EntryStanding(ach_state="settled", business_now=SystemClock().now())
    ways = {"pydantic only": pydantic_data_converter, "pydantic, sealed": data_converter(Keyring.generate(), "bench")}

    def once(name: str) -> Once:
        converter = ways[name]

        async def there_and_back(_caller: int, _number: int) -> None:
            await converter.decode(await converter.encode([value]), [EntryStanding])

        return there_and_back

    return {name: once(name) for name in ways}


def _wire() -> dict[str, Once]:
    client = httpx.AsyncClient()
    body = _answer_body()
    call = _call()

    async def bare(_caller: int, _number: int) -> None:
        urlencode(FORM)
        etree.fromstring(body)

    async def ours(_caller: int, _number: int) -> None:
        client.build_request("POST", "http://127.0.0.1:9101/", data=FORM)
        if classify(call, FORM, 200, body).state != "applied":
            raise RuntimeError("the answer should have been understood")

    return {"urlencode and lxml": bare, "request and classified answer": ours}


def _with_goal(answer: Answer, contender: str, times: int, *, minus: str | None = None) -> Answer:
    cost = {row.contender: row.client_us or 0.0 for row in answer.rows}
    per_flow = times * (cost[contender] - (cost[minus] if minus else 0.0))
    goal = Goal(
        f"part of a flow's processor time, {times} a flow", MOST_OF_A_FLOW, per_flow / LEAST_FLOW_US, at_most=True
    )
    note = f"Held against {LEAST_FLOW_US / 1000:g} ms, the cost of a bare workflow with three idle activities."
    return Answer(answer.question, answer.unit, answer.rows, (goal,), (note,))


def _answer_body() -> bytes:
    response = etree.Element("RESPONSE")
    fields = etree.SubElement(response, "FIELDS")
    for name, value in ANSWERED.items():
        etree.SubElement(fields, "FIELD", KEY=name).text = value
    return bytes(etree.tostring(response, xml_declaration=True, encoding="UTF-8"))


def _call() -> MoneyCall:
    now = SystemClock().now()
    nobody = UUID(int=0)
    return MoneyCall(
        id=nobody,
        organization_id=nobody,
        flow="ach-debit",
        flow_id=nobody,
        step="debit",
        ordinal=1,
        rail="epx",
        operation="CKC2",
        strategy="query",
        rail_reference=FORM["TRAN_NBR"],
        money=Money(12345, "USD"),
        state="sending",
        fencing_token=1,
        send_count=1,
        find_count=0,
        request=FORM,
        expectation={},
        evidence=(),
        first_sent_at=now,
        send_deadline=now,
        recorded_at=now,
        code=None,
        message=None,
        must_act=None,
        rail_id=None,
        returned_at=None,
        proposal_hash=None,
    )
