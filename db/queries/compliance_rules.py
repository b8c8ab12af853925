"""The checklist's requirements with the two statements that answer each: what was looked at, and what offends.

Parameters: merchant (null: all), today (New York's date), closed (dates besides weekends without banking).
An entry's date is that of the request in which it was handed over: what became of a lost answer is known only later.
"""

from dataclasses import dataclass

from domain.compliance import Requirement

_TAKEN = "('accepted', 'originated', 'settled', 'returned', 'dishonored', 'contested', 'voided')"
_DEBITS = (
    f"ach_transaction t where t.type = 'DEBIT' and t.direction = 'debit' and t.ach_state in {_TAKEN}"
    " and (cast(:merchant as uuid) is null or t.merchant_id = :merchant)"
)
_ENTRIES = (
    f"ach_transaction t where t.type <> 'VOID' and t.ach_state in {_TAKEN}"
    " and (cast(:merchant as uuid) is null or t.merchant_id = :merchant)"
)
_ACCOUNTS = "ach_account a where a.state = 'stored' and (cast(:merchant as uuid) is null or a.merchant_id = :merchant)"
_AUTHORIZATIONS = "ach_authorization z where (cast(:merchant as uuid) is null or z.merchant_id = :merchant)"
_RETURNS = (
    "ach_return r where r.state <> 'dismissed' and (cast(:merchant as uuid) is null or r.merchant_id = :merchant"
    " or r.merchant_id is null)"
)
_NOTICES = "ach_notice n where (cast(:merchant as uuid) is null or n.merchant_id = :merchant)"
_CHANGES = (
    "ach_account_change c join ach_account a on a.id = c.account_id where c.state in"
    " ('pending', 'applied', 'failed') and (cast(:merchant as uuid) is null or a.merchant_id = :merchant)"
)
_PRENOTED = (
    "exists (select from money_call m where m.flow = 'ach-account' and m.flow_id = t.account_id"
    " and m.step = 'prenote' and m.state = 'applied' and m.settled_at <= t.created_at)"
)
_RECURRING = "t.authorization_id in (select id from ach_authorization where kind = 'recurring')"
_HANDED_OVER = "coalesce(to_date(t.batch_id, 'YYYYMMDD'), t.business_date)"
_NACHA, _POLICY = "Nacha rule", "product policy"


def _day(instant: str) -> str:
    return f"({instant} at time zone 'America/New_York')::date"


def _late(from_day: str, to_day: str, banking_days: int) -> str:
    """Whether a date is later than so many banking days after another."""
    return (
        f"(select count(*) from generate_series({from_day} + 1, {to_day} - 1, interval '1 day') d"
        f" where extract(isodow from d) < 6 and d::date <> all(:closed)) >= {banking_days}"
    )


# amounts of a fixed authorization that are not the one which was agreed at first
_OTHER_AMOUNT = (
    f"{_DEBITS} and exists (select from ach_authorization z"
    " join ach_authorization_change c on c.authorization_id = z.id and c.action = 'created'"
    " where z.id = t.authorization_id and z.kind = 'recurring' and z.amount_rule = 'fixed'"
    " and (c.detail ->> 'amount')::bigint <> t.amount)"
)
_MOVED = "n.authorization_id = t.authorization_id and n.kind = 'date_changed' and n.period_on <= t.period_on"
# the day on which the first entry of a chain settled
_FIRST_ENTRY = (
    "(select coalesce(p.settled_on, p.settles_on, p.business_date, o.settled_on, o.settles_on, o.business_date)"
    " from ach_transaction o"
    " left join ach_transaction p on p.id = o.retry_of where o.id = t.retry_of)"
)
_AGREED = (
    "(select c.happened_at from ach_authorization_change c where c.authorization_id = z.id and c.action = 'created')"
)
_GUARDS = (
    "ach_authorization_kept",
    "ach_authorization_change_kept",
    "ach_authorization_period_kept",
    "ach_notice_kept",
)
_DELETABLE = " or ".join(
    f"has_table_privilege('bursar_app', '{table}', 'delete')"
    for table in ("ach_authorization", "ach_authorization_change", "ach_authorization_period", "ach_notice")
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`checked` and `offending` complete `select … from`."""

    requirement: Requirement
    noun: str
    checked: str
    offending: str


def _rule(item: str, section: str, asks: str, basis: str, noun: str, checked: str, offending: str) -> Rule:
    return Rule(Requirement(item, section, asks, basis, noun), noun, checked, f"{checked} and {offending}")


AUTHORIZATION, PRENOTE, RECORDS, RETURNS, NOTICES, CHANGES = (
    "Authorization form",
    "Pre-note verification",
    "Record keeping",
    "Return handling",
    "Notification",
    "Notifications of change",
)

RULES: tuple[Rule, ...] = (
    _rule(
        "authorization_on_record", AUTHORIZATION, "Each debit is made under an authorization that is on record.",
        _NACHA, "achtx", _DEBITS, "t.authorization_id is null",
    ),
    _rule(
        "authorization_terms", AUTHORIZATION,
        "An authorization says amount (fixed or variable), frequency, start date and how it is cancelled.",
        _NACHA, "auth", _AUTHORIZATIONS,
        "(btrim(z.cancellation_terms) = '' or z.kind = 'recurring' and z.frequency is null"
        " or btrim(z.evidence_reference) = '')",
    ),
    _rule(
        "authorization_kept", AUTHORIZATION, "An authorization is kept for five years after its end.",
        "Nacha rule (2 years); product policy (5 years)", "auth", f"{_AUTHORIZATIONS} and z.ended_at is not null",
        "z.retain_until < (z.ended_at at time zone 'America/New_York')::date + interval '5 years'",
    ),
    _rule(
        "authorization_copy_sent", AUTHORIZATION, "The customer has a copy within two banking days.",
        "Nacha rule (PPD, recurring TEL); product policy for all", "auth", _AUTHORIZATIONS,
        "not exists (select from ach_notice n where n.authorization_id = z.id and n.kind = 'copy'"
        " and n.sent_at is not null"
        f" and not {_late('n.due_on', _day('n.sent_at'), 2)})"
        f" and {_late(_day(_AGREED), ':today', 2)}",
    ),
    _rule(
        "cancellation_honoured", NOTICES, "No debit is handed over a banking day after its authorization has ended.",
        _POLICY, "achtx", f"{_DEBITS} and exists (select from ach_authorization z where z.id = t.authorization_id"
        " and z.ended_at is not null)",
        "exists (select from ach_authorization z where z.id = t.authorization_id and"
        " (z.state <> 'ended' or t.retry_of is null)"
        f" and {_late(_day('z.ended_at'), _HANDED_OVER, 1)})",
    ),
    _rule(
        "prenote_before_recurring", PRENOTE, "A prenote is sent before the first recurring debit of an account.",
        _POLICY, "achtx", f"{_DEBITS} and {_RECURRING}", f"not {_PRENOTED}",
    ),
    _rule(
        "prenote_accepted", PRENOTE, "The gateway accepted the prenote (AUTH_RESP 00), or another validator vouches.",
        _NACHA, "acct", _ACCOUNTS,
        "a.validator is null and not exists (select from money_call m where m.flow = 'ach-account'"
        " and m.flow_id = a.id and m.step = 'prenote' and m.state = 'applied' and m.code = '00')",
    ),
    _rule(
        "verification_stored", PRENOTE, "Only accounts that were verified are debited.",
        _POLICY, "achtx", _DEBITS,
        "exists (select from ach_account a where a.id = t.account_id and a.verification_state"
        " not in ('verified', 'revoked'))",
    ),
    _rule(
        "records_complete", RECORDS, "Each entry has TRAN_NBR, amount, date, customer and account on record.",
        _NACHA, "achtx", _ENTRIES, "(t.tran_nbr is null or t.processed_at is null or t.customer_id = '')",
    ),
    _rule(
        "records_kept", RECORDS, "Records are kept for six years: the application's role cannot delete them.",
        "Nacha rule (6 years)", "achtx", _ENTRIES,
        "(has_table_privilege('bursar_app', 'ach_transaction', 'delete')"
        " or has_table_privilege('bursar_app', 'money_call', 'delete'))",
    ),
    _rule(
        "notices_kept", RECORDS,
        "Authorizations, their history and notices cannot be deleted before their `retain_until`, by any role.",
        "Nacha rule (2 years); product policy (5 years)", "notice", _NOTICES,
        f"({_DELETABLE} or (select count(*) from pg_trigger where tgname in {_GUARDS!r} and tgenabled <> 'D')"
        f" < {len(_GUARDS)})",
    ),
    _rule(
        "returns_handled", RETURNS, "A return is matched and decided within two banking days of its receipt.",
        _POLICY, "ret", _RETURNS,
        "r.state <> 'does_not_fit' and "
        + _late(_day("r.received_at"), f"coalesce({_day('r.decided_at')}, :today)", 2),
    ),
    _rule(
        "dispute_refunded", RETURNS,
        "A disputed amount is given back within ten banking days: the posted return gives it back.",
        _POLICY, "ret", f"{_RETURNS} and r.category = 'unauthorized'",
        "r.state <> 'does_not_fit' and "
        + _late(_day("r.received_at"), f"coalesce({_day('r.decided_at')}, :today)", 10),
    ),
    _rule(
        "no_forbidden_retry", RETURNS,
        "A returned debit is sent again only after R01 or R09, at most twice, within 180 days.",
        _NACHA, "achtx", f"{_DEBITS} and t.retry_of is not null",
        "(t.retry_number > 2 or not exists (select from ach_transaction o where o.id = t.retry_of"
        " and o.return_code in ('R01', 'R09') and o.amount = t.amount)"
        f" or coalesce(t.settles_on, t.business_date) > {_FIRST_ENTRY} + 180)",
    ),
    _rule(
        "no_debit_after_disabling", RETURNS, "No debit is taken from an account after a return disabled it.",
        _NACHA, "achtx", _DEBITS,
        "exists (select from ach_return r where r.account_id = t.account_id and r.account_effect"
        f" in ('disable', 'disable_debits') and ({_day('r.decided_at')} < {_HANDED_OVER} or"
        f" {_day('r.decided_at')} = {_HANDED_OVER} and r.decided_at < t.processed_at))",
    ),
    _rule(
        "changes_applied", CHANGES, "A notification of change is applied within six banking days of its receipt.",
        _NACHA, "chg", _CHANGES,
        "case when c.applied_at is null then c.due_on < :today"
        " else (c.applied_at at time zone 'America/New_York')::date > c.due_on end",
    ),
    _rule(
        "notice_before_charge", NOTICES,
        "The customer is told ten days before each recurring charge; the authorization itself tells a fixed first one,"
        " the notice of another date the charge that it moves.",
        _POLICY, "achtx", f"{_DEBITS} and {_RECURRING} and t.retry_of is null and not exists (select from"
        " ach_authorization z where z.id = t.authorization_id and z.amount_rule = 'fixed'"
        " and z.starts_on = t.period_on) and not exists (select from ach_notice n where n.kind = 'date_changed'"
        " and n.authorization_id = t.authorization_id and n.period_on = t.period_on)",
        "not exists (select from ach_notice n where n.authorization_id = t.authorization_id and n.kind = 'charge'"
        f" and n.period_on = t.period_on and {_day('n.sent_at')} <= t.business_date - 10)",
    ),
    _rule(
        "notice_of_another_amount", NOTICES, "Another amount than was agreed is told ten calendar days before.",
        _NACHA, "achtx", f"{_OTHER_AMOUNT} and t.retry_of is null",
        "not exists (select from ach_notice n where n.authorization_id = t.authorization_id"
        f" and n.kind = 'amount_changed' and n.amount = t.amount and {_day('n.sent_at')} <= t.business_date - 10)",
    ),
    _rule(
        "notice_of_another_date", NOTICES, "Another date than was agreed is told seven calendar days before.",
        _NACHA, "achtx", f"{_DEBITS} and t.retry_of is null and exists (select from ach_notice n where {_MOVED})",
        f"((select {_day('n.sent_at')} from ach_notice n where {_MOVED} order by n.id desc limit 1)"
        " <= t.business_date - 7) is not true",
    ),
    _rule(
        "receipt_sent", NOTICES, "A receipt is sent within fifteen days of each debit under an authorization.",
        _POLICY, "achtx", f"{_DEBITS} and t.authorization_id is not null and t.processed_at < :today",
        "not exists (select from ach_notice n where n.transaction_id = t.id and n.kind = 'receipt' and"
        " n.sent_at <= t.processed_at + interval '15 days') and t.business_date < cast(:today as date) - 15",
    ),
    _rule(
        "statement_sent", NOTICES, "Each debit under an authorization is in the statement of its month.",
        _POLICY, "achtx", f"{_DEBITS} and t.authorization_id is not null"
        f" and {_day('t.processed_at')} < date_trunc('month', cast(:today as date))",
        "not exists (select from ach_notice n where n.kind = 'statement' and n.merchant_id = t.merchant_id"
        " and n.customer_id = t.customer_id and n.sent_at is not null"
        f" and n.period_on = date_trunc('month', {_day('t.processed_at')})) and"
        " extract(day from cast(:today as date)) > 1",
    ),
)  # fmt: skip
