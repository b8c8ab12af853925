"""The EPX rail: one form post per money call; in doubt, the report file where there is one, else a person."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import ClassVar

import httpx

from domain.money_call import Finding, MoneyCall, Outcome
from domain.server_post import when_posted
from rails.base import Gate, NotSent, Operation, send_once
from rails.epx.answer import LARGEST_ANSWER_BYTES, classify
from rails.epx.report import ReportFile, conclude

HARMLESS_SENDS = 3
"""A prenote or storage is sent at most three times: once, and twice more under new references."""


class EpxRail:
    """ACH through the gateway. `report` is None where there is no report file: then only a person can find out."""

    name = "epx"
    operations: ClassVar[Mapping[str, Operation]] = {
        family + kind: Operation(family + kind, "harmless" if kind in "018" else "query")
        for family in ("CKC", "CKS")
        for kind in "01238X"
    }

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        *,
        timeout_seconds: float,
        settling_delay_seconds: float,
        report: ReportFile | None,
        new_reference: Callable[[], Awaitable[str]],
        business_now: Callable[[], Awaitable[datetime]],
    ) -> None:
        self._client = client
        self._url = url
        self._timeout_seconds = timeout_seconds
        self.settling_delay_seconds = settling_delay_seconds
        self._report = report
        self._new_reference = new_reference
        self._business_now = business_now

    async def ready(self, call: MoneyCall) -> None:
        """The gateway has no balance to read."""

    async def send(self, call: MoneyCall, gate: Gate) -> Outcome:
        """Post the frozen form under the call's TRAN_NBR; a harmless one into the batch of the day it is sent on."""
        form = {**call.request, "TRAN_NBR": call.rail_reference}
        if self.operations[call.operation].strategy == "harmless":
            form |= when_posted(await self._business_now())
        request = self._client.build_request("POST", self._url, data=form)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await send_once(self._client, request, gate, longest_bytes=LARGEST_ANSWER_BYTES)
        except NotSent:
            raise
        except TimeoutError:
            return Outcome("unknown", "timeout", "The gateway did not answer in time.")
        except (httpx.HTTPError, OSError) as error:
            return Outcome("unknown", "no_answer", f"The answer was lost ({type(error).__name__}).")
        return classify(call, form, answer.status, answer.body)

    async def find(self, call: MoneyCall) -> Finding:
        """Harmless requests go again under a new TRAN_NBR; money is looked up in the batch's report."""
        if self.operations[call.operation].strategy == "harmless":
            if call.send_count < HARMLESS_SENDS:
                return Finding("send_again", new_reference=await self._new_reference())
            gone = Outcome("refused", "no_answer", "The gateway gave no usable answer three times.", must_act="nobody")
            return Finding("refused", gone)
        if self._report is None:
            return Finding("cannot_tell", evidence={"why": "this gateway has no inquiry and no report file"})
        report = await self._report.fetch(call.request["MERCH_NBR"], call.request["BATCH_ID"])
        return conclude(call, report)
