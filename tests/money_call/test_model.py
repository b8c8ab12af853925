"""The functions against a model of what a money call is: random walks of senders, finders, persons and late words."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from cli.embedded.postgres import EmbeddedPostgres
from db.crypto.keyring import Keyring
from db.engine import Database
from domain.errors import EvidenceMismatch, StaleToken
from domain.money_call import MoneyCall, Outcome
from tests.money_call.desk import APPLIED, LONG, REFUSED, SHORT, Desk

FINAL = ("applied", "refused")
REPEATABLE = ("repeatable_key", "harmless")
Result = TypeVar("Result")
STANDING = """
select m.state, m.fencing_token, m.send_count, m.code, h.state::text as hold, exists (select from case_file c
    where c.organization_id = m.organization_id and c.kind = 'contradiction') as contradicted
from money_call m left join ledger.hold h on h.id = m.hold_id where m.id = $1
"""
references = (f"reference/{n}" for n in count())


@dataclass
class Send:
    """One send as its sender knows it; `past`: its deadline passed at once."""

    call: MoneyCall
    past: bool
    left: bool = True


@dataclass
class Model:
    """What the row must look like."""

    strategy: str
    state: str = "recorded"
    token: int = 0
    sends: list[Send] = field(default_factory=list)
    proposal: tuple[str, int] | None = None
    contradicted: bool = False
    past: bool = True
    code: str | None = None

    @property
    def may_have_been_sent(self) -> bool:
        return any(send.left for send in self.sends)


class Walk(RuleBasedStateMachine):
    """One call; `sends` are what senders hold in their hands, however old."""

    runner: asyncio.Runner
    everybody: Desk

    sends = Bundle("sends")

    def do(self, what: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(what)

    @initialize(strategy=st.sampled_from(["query", "repeatable_key", "harmless", "balance_evidence"]))
    def record(self, strategy: Any) -> None:
        self.desk = self.do(self.everybody.another())
        self.call = self.do(self.desk.record(strategy=strategy))
        self.model = Model(strategy)

    @rule(target=sends, past=st.booleans())
    def begin(self, past: bool) -> Any:
        model = self.model
        standing = self.do(self.desk.read(self.call))
        reference = next(references) if model.strategy == "harmless" else None
        taken = self.do(self.desk.begin(standing, window=SHORT if past else LONG, reference=reference))
        may = model.state == "recorded" and not model.contradicted
        if model.strategy in REPEATABLE and model.state in ("sending", "unknown"):
            may = model.past or (model.strategy == "harmless" and model.state == "unknown")
        assert (taken is not None) == may
        if taken is None:
            return multiple()
        model.token += 1
        model.state, model.past = "sending", past
        send = Send(taken, past)
        model.sends.append(send)
        return send

    @rule(send=sends)
    def begin_with_what_is_old(self, send: Send) -> None:
        before = replace(send.call, fencing_token=send.call.fencing_token - 1)
        assert self.do(self.desk.begin(before)) is None

    @rule(send=sends)
    def not_sent(self, send: Send) -> None:
        model = self.model
        self.do(self.desk.not_sent(send.call))
        if not send.left:
            return
        send.left = False
        if model.state == "needs_person":
            model.proposal = None
        elif model.state in ("sending", "unknown") and send.call.fencing_token == model.token:
            model.state = "unknown" if model.may_have_been_sent else "recorded"
            model.past = all(send.past for send in model.sends if send.left)

    @rule(send=sends, by=st.sampled_from(["answer", "find"]), needs_person=st.booleans(), code=st.sampled_from("ab"))
    def in_doubt(self, send: Send, by: str, needs_person: bool, code: str) -> None:
        model = self.model
        state = "needs_person" if needs_person else "unknown"
        before = self.do(self.desk.read(self.call))
        after = self.do(self._in_doubt(send.call, state, by, code))
        if model.state in ("sending", "unknown") and send.call.fencing_token == model.token:
            model.state = state
        elif model.state not in ("recorded", *FINAL) and len(after.evidence) > len(before.evidence):
            assert by == "answer"
            model.proposal = None

    async def _in_doubt(self, call: MoneyCall, state: str, by: str, code: str) -> MoneyCall:
        async with self.desk.database.unit_of_work(self.desk.organization_id, actor="test") as uow:
            return await uow.money_calls.in_doubt(call, state, code, "", by=by, evidence={"seen": code})

    @rule(send=sends, outcome=st.sampled_from([APPLIED, REFUSED]), by=st.sampled_from(["answer", "find", "event"]))
    def settle(self, send: Send, outcome: Outcome, by: str) -> None:
        model = self.model
        if by == "event" and outcome is REFUSED:
            return
        stale = send.call.fencing_token < model.token
        if model.state in FINAL:
            assert not self.do(self.desk.settle(send.call, outcome, by))
            excused = model.strategy == "harmless" or (stale and outcome is REFUSED and by != "event")
            model.contradicted |= model.state != outcome.state and not excused
        elif model.state == "recorded" and not (
            by == "answer" and stale and (outcome is REFUSED or model.strategy == "harmless")
        ):
            with pytest.raises(StaleToken):
                self.do(self.desk.settle(send.call, outcome, by))
        elif by == "answer" and stale and (outcome is REFUSED or model.strategy == "harmless"):
            assert not self.do(self.desk.settle(send.call, outcome, by))
        elif by == "find" and outcome is REFUSED and (stale or (model.state == "sending" and not model.past)):
            with pytest.raises(StaleToken):
                self.do(self.desk.settle(send.call, outcome, by))
        else:
            assert self.do(self.desk.settle(send.call, outcome, by))
            model.state, model.code = outcome.state, outcome.code

    @rule()
    def cancel(self) -> None:
        model = self.model
        if model.state != "recorded":
            with pytest.raises(StaleToken):
                self.do(self.desk.settle(self.call, REFUSED, "cancel"))
        else:
            assert self.do(self.desk.settle(self.call, REFUSED, "cancel"))
            model.state, model.code = "refused", REFUSED.code

    @rule(outcome=st.sampled_from(FINAL), person=st.integers(0, 1))
    def propose(self, outcome: str, person: int) -> None:
        model = self.model
        operator = (self.desk.first, self.desk.second)[person]
        if model.state != "needs_person":
            with pytest.raises(StaleToken):
                self.do(self.desk.propose(self.call, outcome, operator=operator))
        else:
            self.do(self.desk.propose(self.call, outcome, operator=operator))
            model.proposal = (outcome, person)

    @rule(outcome=st.sampled_from(FINAL), person=st.integers(0, 1))
    def confirm(self, outcome: str, person: int) -> None:
        model = self.model
        operator = (self.desk.first, self.desk.second)[person]
        read = self.do(self.desk.read(self.call))
        if model.state != "needs_person" or model.proposal != (outcome, 1 - person):
            with pytest.raises(EvidenceMismatch):
                self.do(self.desk.confirm(read, outcome, operator=operator))
        else:
            assert self.do(self.desk.confirm(read, outcome, operator=operator))
            model.state, model.code = outcome, (APPLIED if outcome == "applied" else REFUSED).code

    @invariant()
    def the_row_is_what_the_model_says(self) -> None:
        model = self.model
        row = self.do(self.desk.owner.fetchrow(STANDING, self.call.id))
        assert row is not None
        assert (row["state"], row["fencing_token"]) == (model.state, model.token)
        assert row["send_count"] == sum(send.left for send in model.sends)
        assert row["code"] == model.code or model.state not in FINAL
        assert row["contradicted"] == model.contradicted
        if model.strategy != "harmless":
            assert row["hold"] == {"applied": "posted", "refused": "voided"}.get(model.state, "open")


def test_no_walk_leads_a_call_to_where_it_may_not_be(migrated: EmbeddedPostgres, shared_database: str) -> None:
    with asyncio.Runner() as runner:
        Walk.runner = runner
        Walk.everybody = runner.run(_desk(migrated, shared_database))
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=80, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
        runner.run(Walk.everybody.owner.close())
        runner.run(Walk.everybody.database.close())


async def _desk(server: EmbeddedPostgres, name: str) -> Desk:
    owner = await asyncpg.connect(server.url(name).replace("+asyncpg", ""))
    return await Desk(Database(server.app_url(name), Keyring.generate(), pool_size=1), owner).open()
