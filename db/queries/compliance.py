"""Answer the compliance checklist from the rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.types import ARRAY, Date, Uuid

from db.queries.compliance_rules import RULES, Rule
from db.queries.return_rate import rates
from db.unit_of_work import UnitOfWork
from domain.calendar import closures, new_york_date
from domain.compliance import RECORDS_YEARS, SHOWN_IDS, Finding, Requirement
from domain.ids import public_id
from domain.return_rate import Standing

_RATES = Requirement(
    "return_rates_below_levels",
    "Return handling",
    "The return rates stay below 0.5 % (unauthorized), 3 % (administrative) and 15 % (all) over sixty days.",
    "Nacha rule",
    "mer",
)
_ALIAS = {"achtx": "t", "acct": "a", "auth": "z", "ret": "r", "chg": "c", "notice": "n"}


async def checklist(uow: UnitOfWork, *, merchant_id: UUID | None, minimum_sample: int) -> list[Finding]:
    """Every requirement in the checklist's order, with how many rows were looked at and which offend."""
    today = new_york_date(await uow.business_now())
    closed = sorted(day for year in range(today.year - RECORDS_YEARS, today.year + 2) for day in closures(year))
    values = {"merchant": merchant_id, "today": today, "closed": closed}
    found = [await _answer(uow, rule, values) for rule in RULES]
    return [*found, await _rates(uow, merchant_id, minimum_sample)]


async def _answer(uow: UnitOfWork, rule: Rule, values: dict[str, Any]) -> Finding:
    alias = _ALIAS[rule.noun]
    checked = (await uow.all(_statement(f"select count(*) as number from {rule.checked}", values)))[0]["number"]
    offending = (await uow.all(_statement(f"select count(*) as number from {rule.offending}", values)))[0]["number"]
    ids = await uow.all(
        _statement(
            f"select {alias}.id from {rule.offending} order by {alias}.id limit :shown", values | {"shown": SHOWN_IDS}
        )
    )
    return Finding(
        rule.requirement,
        checked,
        offending,
        tuple(public_id(rule.noun, row["id"]) for row in ids),
        # debits are made, and of none of them there is any record of what was agreed
        not_recorded=rule.requirement.item == "authorization_on_record" and 0 < checked == offending,
    )


def _statement(sql: str, values: dict[str, Any]) -> Any:
    types: dict[str, Any] = {"merchant": Uuid(), "today": Date(), "closed": ARRAY(Date())}
    named = {name: value for name, value in values.items() if f":{name}" in sql}
    return text(sql).bindparams(*(bindparam(name, value, types.get(name)) for name, value in named.items()))


async def _rates(uow: UnitOfWork, merchant_id: UUID | None, minimum_sample: int) -> Finding:
    only = None if merchant_id is None else [merchant_id]
    seen = await rates(uow, minimum_sample=minimum_sample, merchants=only)
    above = [row["id"] for row, found in seen if any(rate.standing is Standing.ABOVE for rate in found)]
    return Finding(_RATES, len(seen), len(above), tuple(public_id("mer", found) for found in above[:SHOWN_IDS]))
