"""The money call: one request to a rail that must take effect at most once, and what became of it.

recorded -> sending -> applied | refused | unknown -> applied | refused | needs_person -> applied | refused
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domain.money import Money

Strategy = Literal["repeatable_key", "query", "balance_evidence", "harmless"]
State = Literal["recorded", "sending", "unknown", "needs_person", "applied", "refused"]
MustAct = Literal["payee", "operator", "nobody"]

OPEN_STATES: frozenset[State] = frozenset({"recorded", "sending", "unknown", "needs_person"})


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A balanced pair: the amount is debited to one account and credited to the other. Accounts by code."""

    debit: str
    credit: str
    amount: int


@dataclass(frozen=True, slots=True)
class Hold:
    """The pending ledger transaction of a money call: posted when it is applied, voided when it is refused."""

    kind: str
    lines: tuple[LedgerLine, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """A further ledger transaction that settles with the call: a fact, always booked. `key` is unique for ever."""

    key: str
    kind: str
    lines: tuple[LedgerLine, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class NewMoneyCall:
    """What a flow's step asks to have recorded. `request` is the rail's frozen request; it may hold secrets.

    `wallets` are the evidence wallets that the call keeps to itself while it is open; `expectation` says what their
    balances must be before it may be sent (wallet id to minor units).
    """

    step: str
    ordinal: int
    rail: str
    operation: str
    rail_reference: str
    money: Money
    request: Mapping[str, Any] = field(repr=False)
    hold: Hold | None = None
    wallets: tuple[str, ...] = ()
    expectation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MoneyCall:
    """A money call as its row stands."""

    id: UUID
    organization_id: UUID
    flow: str
    flow_id: UUID
    step: str
    ordinal: int
    rail: str
    operation: str
    strategy: Strategy
    rail_reference: str
    money: Money
    state: State
    fencing_token: int
    send_count: int
    find_count: int
    request: Mapping[str, Any] = field(repr=False)
    expectation: Mapping[str, Any] = field(repr=False)
    evidence: tuple[Mapping[str, Any], ...] = field(repr=False)
    first_sent_at: datetime | None
    send_deadline: datetime | None
    recorded_at: datetime
    code: str | None
    message: str | None
    must_act: MustAct | None
    rail_id: str | None
    returned_at: datetime | None
    proposal_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer of a rail means.

    `applied` and `refused` come from the rail's allow-lists only; everything else is `unknown`. `evidence` is what an
    operator may read (no secrets); `response` is the raw answer, stored encrypted.
    """

    state: Literal["applied", "refused", "unknown"]
    code: str
    message: str
    rail_id: str | None = None
    must_act: MustAct = "nobody"
    evidence: Mapping[str, Any] = field(default_factory=dict)
    response: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rail says when it is asked what became of a call that is in doubt.

    `send_again`: the frozen request may be repeated (its key, or harmlessness, makes that safe). `not_yet`: ask later.
    `cannot_tell`: the rail will never know; a person must find out.
    """

    conclusion: Literal["applied", "refused", "send_again", "not_yet", "cannot_tell"]
    outcome: Outcome | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    new_reference: str | None = None
