"""Growth: what posting, balances, statements and list pages take on the rows of years, of what they take on few."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial

from activities.ledger_keeping import LedgerKeeping
from bench.answer import Answer, Goal, Row
from bench.contenders.accounts import FUNDS
from bench.contenders.books import DAY
from bench.contenders.grown import BANK, LINES_OF_A_WALLET, Grown, open_grown, wallet
from bench.plan import Plan
from bench.progress import say
from bench.rounds import Take, in_turn, rows
from bench.sample import Once, Sample, closed_loop
from bench.server import Server, open_server
from domain.money_call import LedgerLine

FEW = 10_000
FAMILIES = FEW // LINES_OF_A_WALLET
"""As many as the smaller one has."""
FLOW_EVERY = 5
CALLERS = 2
WANTED = 1.3
SMALL = f"{FEW:,} transactions"


async def measure(plan: Plan) -> list[Answer]:
    """Both databases on one server; each kind of work in turn on one and the other."""
    large = f"{plan.grown:,} transactions"
    found: list[Row] = []
    async with open_server() as server, AsyncExitStack() as stack:
        databases: dict[str, Grown] = {}
        for name, told, count in (("few", SMALL, FEW), ("many", large, plan.grown)):
            say(f"loading {told} and {count // FLOW_EVERY:,} flows")
            databases[told] = await open_grown(server, name, count, FLOW_EVERY, stack)
        ways = {told: _ways(grown) for told, grown in databases.items()}
        for kind in ways[SMALL]:
            takes: dict[str, Take] = {told: partial(_take, each[kind], server) for told, each in ways.items()}
            samples = await in_turn(takes, rounds=plan.rounds, seconds=plan.seconds)
            found += rows(samples, baseline=SMALL, setting=kind)
            say(f"{kind}: {1 / (found[-1].ratio or 1):.2f} times as long")
    goals = [_goal(row) for row in found if row.contender == large]
    return [Answer("growth", "operations", found, goals, NOTES)]


def _goal(row: Row) -> Goal:
    """As times, and the rows say rates."""
    times = None if not row.ratio else 1 / row.ratio
    apart = None if row.ratio_range is None or not row.ratio_range[0] else row.ratio_range
    return Goal(
        f"{row.setting}, time of {SMALL}", WANTED, times, at_most=True, range=apart and (1 / apart[1], 1 / apart[0])
    )


async def _take(once: Once, server: Server, seconds: float) -> Sample:
    return await closed_loop(once, CALLERS, seconds, server.processor)


def _ways(grown: Grown) -> Mapping[str, Once]:
    return {
        "post": partial(_post, grown),
        "post and fold": partial(_post_and_fold, grown),
        f"post and fold, {FAMILIES} families": partial(_post_and_fold, grown, few=True),
        "balance as of half way, wallet": partial(_as_of, grown, lambda number: wallet(number % grown.wallets)),
        "balance as of half way, bank": partial(_as_of, grown, lambda _: BANK),
        "balance now, bank": partial(_balance, grown),
        "statement, wallet": partial(_statement, grown, lambda number: wallet(number % grown.wallets)),
        "statement, bank": partial(_statement, grown, lambda _: BANK),
        "list of debits": partial(_page, grown, "/v1/ach-transactions?limit=20"),
        "list of a customer's debits": partial(_page, grown, "/v1/ach-transactions?limit=20&customer_id=customer-5"),
        "one debit with all that belongs to it": _one(grown),
    }


async def _post(grown: Grown, _caller: int, number: int, *, few: bool = False) -> None:
    line = LedgerLine(BANK, wallet(number % (FAMILIES if few else grown.wallets)), 1)
    async with grown.database.unit_of_work(grown.organization_id, actor="bench") as uow:
        await uow.ledger.post(f"growth/{number}", "bench", "USD", [line], DAY)


async def _post_and_fold(grown: Grown, caller: int, number: int, *, few: bool = False) -> None:
    """What is new is added to the accounts' folded balances, in all and of the day, as a worker does every second."""
    await _post(grown, caller, number, few=few)
    await LedgerKeeping(grown.database).fold()


async def _as_of(grown: Grown, account: Callable[[int], str], _caller: int, number: int) -> None:
    async with grown.database.unit_of_work(grown.organization_id, actor="bench") as uow:
        balance = await uow.ledger.balance_as_of(account(number), "USD", grown.half_way)
    if balance.posted.minor_units < FUNDS and account(number) != BANK:
        raise RuntimeError("a balance that was never there")


async def _balance(grown: Grown, _caller: int, _number: int) -> None:
    async with grown.database.unit_of_work(grown.organization_id, actor="bench") as uow:
        await uow.ledger.balance(BANK, "USD")


async def _statement(grown: Grown, account: Callable[[int], str], _caller: int, number: int) -> None:
    async with grown.database.unit_of_work(grown.organization_id, actor="bench") as uow:
        lines = await uow.ledger.statement(account(number), "USD", limit=20)
    if len(lines) != 20:
        raise RuntimeError("a statement without its lines")


async def _page(grown: Grown, path: str, _caller: int, _number: int) -> None:
    answer = await grown.api.get(path)
    if not answer.is_success or not answer.json()["data"]:
        raise RuntimeError(answer.text)


def _one(grown: Grown) -> Once:
    """Any that the first page lists."""
    found: list[str] = []

    async def once(_caller: int, number: int) -> None:
        if not found:
            listed = (await grown.api.get("/v1/ach-transactions?limit=20")).json()["data"]
            found.extend(item["id"] for item in listed)
        await _got(grown, f"/v1/ach-debits/{found[number % len(found)]}")

    return once


async def _got(grown: Grown, path: str) -> None:
    answer = await grown.api.get(path)
    if not answer.is_success:
        raise RuntimeError(answer.text)


NOTES = (
    f"ratio: of rates, {CALLERS} callers; goals are of times. One transaction in {FLOW_EVERY} has the rows of a debit.",
    f"post and fold: to any family, for most of the larger database their day's first line; and to {FAMILIES} in both.",
    "Lists and single debits go through the API in this process; the rest is units of work.",
)
