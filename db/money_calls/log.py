"""Recording, sending and settling of money calls: each one call of a server-side function inside the unit of work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from db.ledger.errors import ledger_error
from db.money_calls.row import json_value, read_money_call, request_context, response_context
from domain.errors import ContradictionOpen, EvidenceMismatch, StaleToken, StateConflict, WalletBusy
from domain.ids import new_id
from domain.money_call import Hold, LedgerLine, MoneyCall, NewMoneyCall, Outcome, Posting, Strategy

if TYPE_CHECKING:
    from db.unit_of_work import UnitOfWork

_ERRORS: dict[str, type[Exception]] = {
    "BM001": WalletBusy,
    "BM002": ContradictionOpen,
    "BM004": StaleToken,
    "BM005": EvidenceMismatch,
}


class MoneyCallLog:
    """The functions of migration 0004.

    Errors: WalletBusy, ContradictionOpen, StaleToken, EvidenceMismatch, StateConflict and the LedgerError family.
    """

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def record(
        self, flow: str, flow_id: UUID, new: NewMoneyCall, strategy: Strategy, effective_date: date
    ) -> MoneyCall:
        """Record a call with its hold and wallets; the same identity again returns the row as it stands.

        A repeat is recognised by flow, step and ordinal; its request must be the same (the rail reference may differ).
        """
        call_id = new_id()
        frozen = json.dumps(dict(new.request), sort_keys=True, separators=(",", ":")).encode()
        fields: dict[str, Any] = {
            "id": call_id,
            "organization_id": self._uow.organization_id,
            "flow": flow,
            "flow_id": flow_id,
            "step": new.step,
            "ordinal": new.ordinal,
            "rail": new.rail,
            "operation": new.operation,
            "strategy": strategy,
            "rail_reference": new.rail_reference,
            "amount": new.money.minor_units,
            "currency": new.money.currency,
            "expectation": dict(new.expectation),
        }
        if new.hold is not None:
            fields["hold"] = _hold(new.hold, effective_date)
        row = await self._row(
            "select * from money_call_record($1::jsonb, $2, $3, $4)",
            _text(fields),
            self._uow.envelope.seal(frozen, context=request_context(call_id)),
            self._uow.fingerprint.of("money_call_request", frozen.decode()),
            list(new.wallets),
        )
        return self._read(row)

    async def begin_send(
        self,
        call: MoneyCall,
        *,
        window_seconds: float,
        settling_seconds: float,
        new_reference: str | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> MoneyCall | None:
        """Take the call for one send; None when another sender was first, or may still be at it."""
        row = await self._row(
            "select * from money_call_begin_send($1, $2, $3, $4, $5, $6::jsonb)",
            call.id,
            call.fencing_token,
            timedelta(seconds=window_seconds),
            timedelta(seconds=settling_seconds),
            new_reference,
            None if evidence is None else _text(evidence),
        )
        return None if row["id"] is None else self._read(row)

    async def not_sent(self, call: MoneyCall) -> MoneyCall:
        """No byte left: back to `recorded` (or `unknown` after an earlier send)."""
        row = await self._row(
            "select * from money_call_not_sent($1, $2, $3)", call.id, call.fencing_token, call.send_deadline
        )
        return self._read(row)

    async def in_doubt(
        self,
        call: MoneyCall,
        state: str,
        code: str,
        message: str,
        *,
        by: str,
        evidence: Mapping[str, Any] | None = None,
        response: bytes | None = None,
    ) -> MoneyCall:
        """Say that nobody knows yet (`unknown`), or that only a person can find out (`needs_person`).

        By `answer`, it is kept as evidence whatever the call's state is by now; by `find`, only while it is in doubt.
        """
        row = await self._row(
            "select * from money_call_in_doubt($1, $2, $3, $4, $5, $6, $7::jsonb, $8)",
            call.id,
            call.fencing_token,
            state,
            by,
            code,
            message,
            None if evidence is None else _text(evidence),
            self._sealed(call.id, response),
        )
        return self._read(row)

    async def settle(
        self,
        call: MoneyCall,
        outcome: Outcome,
        *,
        by: str,
        effective_date: date,
        postings: Sequence[Posting] = (),
        operator_id: UUID | None = None,
        proposal_hash: bytes | None = None,
    ) -> bool:
        """Write a final outcome with what follows from it. False: it stood already (or contradicts: a case)."""
        fields = {
            "id": call.id,
            "outcome": outcome.state,
            "by": by,
            "token": call.fencing_token if by in ("answer", "find") else None,
            "code": outcome.code,
            "message": outcome.message,
            "must_act": outcome.must_act,
            "rail_id": outcome.rail_id,
            "evidence": dict(outcome.evidence),
            "effective_date": effective_date,
            "operator_id": operator_id,
            "proposal_hash": None if proposal_hash is None else proposal_hash.hex(),
            "postings": [
                {
                    "key": posting.key,
                    "kind": posting.kind,
                    "entries": _entries(posting.lines),
                    "description": posting.description,
                }
                for posting in postings
            ],
        }
        sealed = self._sealed(call.id, outcome.response)
        row = await self._row("select money_call_settle($1::jsonb, $2) as said", _text(fields), sealed)
        settled: bool = json_value(row["said"])["settled"]
        return settled

    async def propose(self, call_id: UUID, operator_id: UUID, proposal: Mapping[str, Any]) -> MoneyCall:
        """Store one operator's proposal for a call that needs a person."""
        row = await self._row(
            "select * from money_call_propose($1, $2, $3::jsonb)", call_id, operator_id, _text(proposal)
        )
        return self._read(row)

    async def returned(self, call_id: UUID) -> MoneyCall:
        """The money came back and the return is posted: the step may be done again."""
        return self._read(await self._row("select * from money_call_returned($1)", call_id))

    def _sealed(self, call_id: UUID, response: bytes | None) -> bytes | None:
        return None if response is None else self._uow.envelope.seal(response, context=response_context(call_id))

    def _read(self, row: Mapping[Any, Any] | asyncpg.Record) -> MoneyCall:
        return read_money_call(row, self._uow.envelope)

    async def _row(self, statement: str, *values: Any) -> asyncpg.Record:
        driver = await self._uow.driver()
        try:
            row = await driver.fetchrow(statement, *values)
        except asyncpg.PostgresError as error:
            raise _translated(error) from None
        if row is None:
            raise StaleToken
        return row


def _translated(error: asyncpg.PostgresError) -> Exception:
    state = error.sqlstate or ""
    if state in _ERRORS:
        return _ERRORS[state]()
    if state == "BM003":
        return StateConflict("payment_still_open", "An earlier try of this step is neither refused nor returned.")
    if state == "BM006":
        return StateConflict("request_changed", "This step was recorded with another request.")
    return ledger_error(error)


def _hold(hold: Hold, effective_date: date) -> dict[str, Any]:
    return {
        "kind": hold.kind,
        "entries": _entries(hold.lines),
        "effective_date": effective_date,
        "description": hold.description,
    }


def _entries(lines: Sequence[LedgerLine]) -> list[dict[str, Any]]:
    return [{"debit": line.debit, "credit": line.credit, "amount": line.amount} for line in lines]


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=str)
