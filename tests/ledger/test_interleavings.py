"""Random sequences and interleavings of hold, post, void, part and fact keep every invariant after every step."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import HoldAlreadyResolved, InsufficientFunds, MalformedPosting
from tests.ledger.conftest import Books, line
from tests.ledger.invariants import broken
from tests.ledger.model import ACCOUNTS, FLOORED, Model, Pairs, Refused

pairs: st.SearchStrategy[Pairs] = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 40)).filter(lambda p: p[0] != p[1]),
    min_size=1,
    max_size=3,
).map(tuple)
deposit = st.tuples(st.sampled_from(FLOORED), st.integers(20, 120)).map(
    lambda told: ("post", (("external:bank", told[0], told[1]),))
)
step = st.one_of(
    deposit,
    st.tuples(st.sampled_from(["post", "fact", "hold", "hold"]), pairs),
    st.tuples(st.just("post_hold"), st.integers(0, 7), st.none() | st.integers(1, 45), st.booleans()),
    st.tuples(st.just("void_hold"), st.integers(0, 7)),
    st.tuples(st.just("repeat"), st.integers(0, 30)),
)
unhurried = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
REFUSALS = (InsufficientFunds, HoldAlreadyResolved, MalformedPosting)


async def act(books: Books, holds: list[UUID], key: str, verb: str, *told: Any) -> UUID:
    """One operation under a key."""
    if verb in {"post", "fact"}:
        return await books.post(*(line(*pair) for pair in told[0]), key=key, fact=verb == "fact")
    if verb == "hold":
        return await books.hold(*(line(*pair) for pair in told[0]), key=key, owner_id=books.organization_id)
    if not holds:
        raise HoldAlreadyResolved
    hold = holds[told[0] % len(holds)]
    if verb == "void_hold":
        return await books.void_hold(hold, key=key)
    return await books.post_hold(hold, key=key, amount=told[1], release_rest=told[2])


@settings(unhurried, max_examples=30)
@given(steps=st.lists(step, min_size=5, max_size=25))
async def test_any_sequence_comes_to_what_the_model_says(books: Books, steps: list[tuple[Any, ...]]):
    fresh, model = await books.another(), Model()
    done: list[tuple[UUID, str, tuple[Any, ...]]] = []
    holds: list[UUID] = []
    for number, (verb, *told) in enumerate(steps):
        if verb == "repeat":
            if done:
                made, key, again = done[told[0] % len(done)]
                assert await act(fresh, holds, key, *again) == made
            continue
        try:
            getattr(model, verb)(*told)
        except Refused:
            with pytest.raises(REFUSALS):
                await act(fresh, holds, f"k{number}", verb, *told)
        else:
            # a repeat must name the hold that was meant, whatever holds came after
            if verb in {"post_hold", "void_hold"}:
                told[0] %= len(holds)
            made = await act(fresh, holds, f"k{number}", verb, *told)
            done.append((made, f"k{number}", (verb, *told)))
            if verb == "hold":
                holds.append(made)
        for account in (*ACCOUNTS, *(f"receivable:{account}" for account in FLOORED)):
            balance = await fresh.balance(account)
            assert (balance.posted.minor_units, balance.held.minor_units) == (
                model.posted.get(account, 0),
                model.held.get(account, 0),
            ), account
        assert await broken(fresh) == []


@unhurried
@given(scripts=st.lists(st.lists(step, min_size=3, max_size=10), min_size=4, max_size=8))
async def test_any_interleaving_of_many_connections_keeps_every_invariant(books: Books, scripts: list[list[Any]]):
    fresh = await books.another()
    for account in FLOORED:
        await fresh.deposit(100, account)
    holds: list[UUID] = []

    async def play(script: list[tuple[Any, ...]], name: int) -> None:
        for number, (verb, *told) in enumerate(script):
            if verb == "repeat":
                async with fresh.database.across_organizations(actor="test") as uow:
                    await (await uow.driver()).execute("select ledger.fold()")
                continue
            try:
                made = await act(fresh, holds, f"{name}/{number}", verb, *told)
            except REFUSALS:
                continue
            if verb == "hold":
                holds.append(made)
            assert await broken(fresh) == []

    await asyncio.gather(*(play(script, name) for name, script in enumerate(scripts)))
    assert await broken(fresh) == []
    assert (await fresh.check()).first is None
