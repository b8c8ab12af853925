"""The checklist's requirements with the two statements that answer each: what was looked at, and what offends.

Parameters: merchant (null: all), today, two_days and ten_days (what came before has had so many banking days).
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
_NOTICES = "ach_notice n where (cast(:merchant as uuid) is null or n.merchant_id = :merchant) and n.kind ="
_CHANGES = (
    "ach_account_change c join ach_account a on a.id = c.account_id where c.state in"
    " ('pending', 'applied', 'failed') and (cast(:merchant as uuid) is null or a.merchant_id = :merchant)"
)
_PRENOTED = (
    "exists (select from money_call m where m.flow = 'ach-account' and m.flow_id = t.account_id"
    " and m.step = 'prenote' and m.state = 'applied' and m.settled_at <= t.created_at)"
)
_RECURRING = "t.authorization_id in (select id from ach_authorization where kind = 'recurring')"
_NACHA, _POLICY = "Nacha rule", "product policy"


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
        "(z.cancellation_terms = '' or z.kind = 'recurring' and z.frequency is null or z.evidence_reference = '')",
    ),
    _rule(
        "authorization_kept", AUTHORIZATION, "An authorization is kept for five years after its end.",
        "Nacha rule (2 years); product policy (5 years)", "auth", f"{_AUTHORIZATIONS} and z.ended_at is not null",
        "z.retain_until < (z.ended_at at time zone 'America/New_York')::date + interval '5 years'",
    ),
    _rule(
        "cancellation_honoured", NOTICES, "No debit is taken under an authorization that has ended for a banking day.",
        _POLICY, "achtx", f"{_DEBITS} and t.authorization_id is not null",
        "exists (select from ach_authorization z where z.id = t.authorization_id and z.ended_at <"
        " t.processed_at - interval '1 day')",
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
        "returns_handled", RETURNS, "A return is matched and decided within two banking days of its receipt.",
        _POLICY, "ret", _RETURNS,
        "(case when r.state = 'decided' then r.decided_at > r.received_at + interval '4 days' else"
        " (r.received_at at time zone 'America/New_York')::date < :two_days end)",
    ),
    _rule(
        "dispute_refunded", RETURNS,
        "A disputed amount is given back within ten banking days: the posted return gives it back.",
        _POLICY, "ret", f"{_RETURNS} and r.category = 'unauthorized'",
        "r.decided_at is null and (r.received_at at time zone 'America/New_York')::date < :ten_days",
    ),
    _rule(
        "no_forbidden_retry", RETURNS,
        "A returned debit is sent again only after R01 or R09, at most twice, within 180 days.",
        _NACHA, "achtx", f"{_DEBITS} and t.retry_of is not null",
        "(t.retry_number > 2 or not exists (select from ach_transaction o where o.id = t.retry_of"
        " and o.return_code in ('R01', 'R09') and o.amount = t.amount"
        " and t.business_date <= o.business_date + 180))",
    ),
    _rule(
        "no_debit_after_disabling", RETURNS, "No debit is taken from an account after a return disabled it.",
        _NACHA, "achtx", _DEBITS,
        "exists (select from ach_return r where r.account_id = t.account_id and r.account_effect"
        " in ('disable', 'disable_debits') and r.decided_at < t.processed_at)",
    ),
    _rule(
        "changes_applied", CHANGES, "A notification of change is applied within six banking days of its receipt.",
        _NACHA, "chg", _CHANGES,
        "case when c.applied_at is null then c.due_on < :today"
        " else (c.applied_at at time zone 'America/New_York')::date > c.due_on end",
    ),
    _rule(
        "notice_before_charge", NOTICES, "The customer is told ten days before each recurring charge.",
        "Nacha rule where the amount changes; else product policy", "achtx", f"{_DEBITS} and {_RECURRING}",
        "not exists (select from ach_notice n where n.authorization_id = t.authorization_id and n.kind"
        " in ('charge', 'amount_changed') and n.period_on = t.period_on and n.sent_at is not null"
        " and (n.sent_at at time zone 'America/New_York')::date <= t.business_date - 10)",
    ),
    _rule(
        "receipt_sent", NOTICES, "A receipt is sent within fifteen days of each debit under an authorization.",
        _POLICY, "achtx", f"{_DEBITS} and t.authorization_id is not null and t.processed_at < :today",
        "not exists (select from ach_notice n where n.transaction_id = t.id and n.kind = 'receipt' and"
        " n.sent_at <= t.processed_at + interval '15 days') and t.business_date < cast(:today as date) - 15",
    ),
    _rule(
        "statement_sent", NOTICES, "Each monthly statement is sent by the day on which it is due.",
        _POLICY, "notice", f"{_NOTICES} 'statement'", "n.sent_at is null and n.due_on < :today",
    ),
)  # fmt: skip
