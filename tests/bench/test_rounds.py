"""What a run says of its samples: ratios round by round, goals, and no key used twice."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from bench.answer import Goal
from bench.contenders.accounts import ACCOUNTS, pair
from bench.processor import Processor
from bench.rounds import in_turn, rows
from bench.sample import Sample, closed_loop


def sample(operations: int, *, server: float = 0.0, client: float = 1.0) -> Sample:
    return Sample(tuple(number / 1000 for number in range(operations)), 1.0, server, client)


def test_a_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_medians():
    samples = {"limit": [sample(100), sample(1000), sample(10)], "ours": [sample(50), sample(900), sample(6)]}
    _, ours = rows(samples, baseline="limit", setting="8 callers")
    assert ours.per_second == 50
    assert ours.ratio == pytest.approx(0.6)
    assert ours.ratio_range == pytest.approx((0.5, 0.9))


def test_processor_time_is_compared_per_operation():
    samples = {"limit": [sample(100, server=1.0)], "ours": [sample(50, server=1.0)]}
    _, ours = rows(samples, baseline="limit", setting="8 callers")
    assert ours.processor_ratio == pytest.approx(0.5)
    assert ours.server_us == pytest.approx(20_000)


def test_a_call_of_many_operations_counts_as_many():
    group = replace(sample(10, server=1.0), each=32)
    assert group.per_second == 320
    assert group.server_us == pytest.approx(1_000_000 / 320)
    assert group.quantile(0.5) == 5


def test_a_quantile_is_a_latency_that_so_many_did_not_exceed():
    assert sample(100).quantile(0.99) == 99
    assert sample(0).quantile(0.99) == 0


async def test_contenders_take_turns_and_swap_their_order():
    order = []

    async def take(name: str, _seconds: float) -> Sample:
        order.append(name)
        await asyncio.sleep(0)
        return sample(1)

    await in_turn({name: partial(take, name) for name in "ab"}, rounds=2, seconds=0.1)
    assert "".join(order) == "ab" + "ab" + "ba"


async def test_no_two_operations_have_the_same_number():
    seen = []

    async def once(caller: int, number: int) -> None:
        seen.append(number)
        await asyncio.sleep(0)

    first = await closed_loop(once, 4, 0.02, Processor())
    second = await closed_loop(once, 4, 0.02, Processor())
    assert len(seen) == len(set(seen)) == len(first.latencies) + len(second.latencies)


def test_a_transfer_has_two_accounts_and_all_accounts_are_used():
    pairs = [pair(number) for number in range(5 * ACCOUNTS)]
    assert all(debit != credit for debit, credit in pairs)
    assert {debit for debit, _ in pairs} == {credit for _, credit in pairs} == set(range(ACCOUNTS))


def test_a_slice_of_the_accounts_is_used_whole_and_never_left():
    pairs = [pair(number, 31) for number in range(5 * 31)]
    assert all(debit != credit for debit, credit in pairs)
    assert {debit for debit, _ in pairs} == {credit for _, credit in pairs} == set(range(31))


def test_a_goal_is_met_missed_or_not_measured():
    assert Goal("fast enough", 0.6, 0.6).met is True
    assert Goal("fast enough", 0.6, 0.59).met is False
    assert Goal("cheap enough", 1.8, 1.7, at_most=True).met is True
    assert Goal("cheap enough", 1.8, None, at_most=True).met is None
