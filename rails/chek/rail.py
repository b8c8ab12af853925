"""The Chek rail: no idempotency key and no look-up by reference, so balances are the evidence."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx

from domain.chek_wallet import user_of
from domain.clock import Clock
from domain.money_call import Finding, MoneyCall, Outcome
from domain.onboarding import CREATE_CARD
from rails.base import Answer, EvidenceUnavailable, Gate, NotSent, Operation, Readiness
from rails.chek import onboarding, operations
from rails.chek.answer import AllowLists, classify
from rails.chek.client import ChekClient
from rails.chek.evidence import Reading, Word, new_payments, word_of
from rails.chek.operations import Wire

_OPERATIONS: Mapping[str, Operation] = {**operations.OPERATIONS, **onboarding.OPERATIONS}


class ChekRail:
    """Wallet transfers, same-day ACH and cards. `readings_apart_seconds`: real time between two readings."""

    name = "chek"
    operations = _OPERATIONS

    def __init__(
        self,
        client: ChekClient,
        clock: Clock,
        allowed: AllowLists,
        *,
        settling_delay_seconds: float,
        readings_apart_seconds: float,
    ) -> None:
        if readings_apart_seconds < settling_delay_seconds:
            raise ValueError("two readings lie apart by the settling delay or more")
        self.client = client
        self._clock = clock
        self._allowed = allowed
        self.settling_delay_seconds = settling_delay_seconds
        self._readings_apart_seconds = readings_apart_seconds

    async def ready(self, call: MoneyCall) -> Readiness:
        """Read every evidence wallet, which the call holds by now: it must stand where the books say."""
        if call.operation in onboarding.OPERATIONS:
            return await self._ready_to_onboard(call)
        reading = await self._read(call)
        expected = {wallet: call.expectation[wallet] for wallet in sorted(call.expectation)}
        return Readiness(reading.balances == expected, {**reading.as_evidence(), "expected": expected})

    async def send(self, call: MoneyCall, gate: Gate) -> Outcome:
        """Post the frozen request once; what onboarding asks for is looked for first."""
        if call.operation in onboarding.OPERATIONS:
            return await self._onboard(call, gate)
        wire = operations.wire(call.operation, call.request, call.money.minor_units, call.rail_reference)
        answer = await self._post(wire, gate)
        return answer if isinstance(answer, Outcome) else classify(call, answer, self._allowed)

    async def _post(self, wire: Wire, gate: Gate) -> Answer | Outcome:
        try:
            return await self.client.post(wire, gate)
        except NotSent:
            raise
        except TimeoutError:
            return Outcome("unknown", "timeout", "Chek did not answer in time.")
        except (httpx.HTTPError, OSError) as error:
            return Outcome("unknown", "no_answer", f"The answer was lost ({type(error).__name__}).")

    async def _ready_to_onboard(self, call: MoneyCall) -> Readiness:
        """Nothing can differ from the books; a card that was not there before is the one that was asked for."""
        if call.operation != CREATE_CARD:
            return Readiness(agrees=True, evidence={})
        cards = [card.id for card in (await self.client.user(call.request["user"])).cards]
        return Readiness(agrees=True, evidence={"cards": cards})

    async def _onboard(self, call: MoneyCall, gate: Gate) -> Outcome:
        try:
            seen = await onboarding.there(self.client, call)
        except EvidenceUnavailable as away:
            raise NotSent(str(away)) from None
        if (there := onboarding.already(seen)) is not None:
            return there
        answer = await self._post(onboarding.wire(call), gate)
        if isinstance(answer, Outcome):
            return answer
        return onboarding.classify(call, answer, self._allowed.refusal_statuses)

    async def find(self, call: MoneyCall) -> Finding:
        """Read twice, apart in time, after the last moment at which Chek may still be working on it.

        Raises EvidenceUnavailable while Chek cannot be read.
        """
        if not self._is_over(call):
            return Finding("not_yet")
        if call.operation in onboarding.OPERATIONS:
            return await self._find_onboarded(call)
        first = await self._read(call)
        await asyncio.sleep(self._readings_apart_seconds)
        second = await self._read(call)
        evidence = {"readings": [first.as_evidence(), second.as_evidence()], "expected": dict(call.expectation)}
        said: tuple[Word, Word] = (word_of(call, first), word_of(call, second))
        if said == ("moved", "moved"):
            found = Outcome("applied", "balances_moved", "The wallets moved by the amount.", evidence=evidence)
            return Finding("applied", _with_payment(found, call, second), evidence)
        if said == ("not_moved", "not_moved"):
            absent = Outcome("refused", "balances_unmoved", "The wallets did not move.", evidence=evidence)
            return Finding("refused", absent, evidence)
        if said == ("not_moved", "moved"):
            # it is happening only now: ask again, both readings then
            return Finding("not_yet", evidence=evidence)
        return Finding("cannot_tell", evidence=evidence)

    async def _find_onboarded(self, call: MoneyCall) -> Finding:
        first = await onboarding.made(self.client, call)
        await asyncio.sleep(self._readings_apart_seconds)
        return onboarding.conclude(first, await onboarding.made(self.client, call))

    def _is_over(self, call: MoneyCall) -> bool:
        if call.send_deadline is None:
            return False
        return self._clock.now() >= call.send_deadline + timedelta(seconds=self.settling_delay_seconds)

    async def _read(self, call: MoneyCall) -> Reading:
        balances = {}
        for wallet in sorted(call.expectation):
            if (user := user_of(wallet)) is not None:
                balances[wallet] = (await self.client.user(user)).balance
        payments = None
        if call.operation == operations.SEND_PAYMENT:
            payments = await self.client.outbound_payments(call.request["direct_pay"])
        return Reading(balances, payments)


def _with_payment(found: Outcome, call: MoneyCall, reading: Reading) -> Outcome:
    """For a payment the one new id in Chek's list is the payment's."""
    new = new_payments(call, reading)
    if call.operation != operations.SEND_PAYMENT or not new:
        return found
    return Outcome(found.state, found.code, found.message, next(iter(new)), evidence=found.evidence)
