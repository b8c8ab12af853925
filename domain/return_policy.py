"""What a return means for us, by its code: the entry, the account, the authorization, and whether to try again.

The facts of each code come from the return code table (Nacha rules); the choices among what the rules allow are product
policy (docs/flows/ach-returns.md). Pure: the caller counts and reads the calendar.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from domain.calendar import add_banking_days, banking_day_on_or_after, next_banking_day
from domain.return_codes import ReturnCode

PAYMENTS_THAT_DISABLE = 2
"""Distinct payments of one account that came back, after which it is disabled whatever their codes (product policy)."""
REINITIATION_DAYS = 180
"""Calendar days after the original settlement within which the last reinitiation settles (Nacha)."""

_DISHONORED = frozenset({"R61", "R62", "R67", "R68", "R69", "R70"})
_CONTESTED = frozenset({"R71", "R72", "R73", "R74", "R75", "R76", "R77"})
_SERIOUS = frozenset({"R14", "R15", "R16", "R17"})


class Kind(StrEnum):
    """What arrived: an entry that comes back, or a message about a return."""

    RETURN = "return"
    DISHONOR = "dishonor"
    CONTEST = "contest"


class AccountEffect(StrEnum):
    """What becomes of the account. `hold` ends when a person releases it; disabled is for good."""

    NONE = "none"
    HOLD = "hold"
    DISABLE_DEBITS = "disable_debits"
    DISABLE = "disable"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the policy must know besides the code.

    `payments_returned` counts the account's distinct payments that came back, this one included: an entry and its
    reinitiations are one payment. `reinitiations` were made of this payment before. `original_settlement` is the
    settlement date of its first entry. `refunded` says whether any of it was refunded, or is being refunded.
    """

    direction: Literal["debit", "credit"]
    reinitiation_wanted: bool
    reinitiations: int
    payments_returned: int
    original_settlement: date
    today: date
    refunded: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows. `case` names what a person must see, None where nobody has to."""

    kind: Kind
    account: AccountEffect = AccountEffect.NONE
    reinitiate_on: date | None = None
    revoke_authorization: bool = False
    loss: bool = False
    case: str | None = None
    must_act: Literal["payee", "operator", "nobody"] = "payee"
    reason: str = ""


def kind_of(code: str) -> Kind:
    """Dishonored (R61 and on) and contested (R71 and on) returns are messages between banks; the rest are returns."""
    if code in _DISHONORED:
        return Kind.DISHONOR
    return Kind.CONTEST if code in _CONTESTED else Kind.RETURN


def decide(rule: ReturnCode, seen: Circumstances, *, pause_banking_days: int) -> Decision:
    """What a return of this code means now. `pause_banking_days`: how long after a return the next try goes out."""
    kind = kind_of(rule.code)
    if kind is not Kind.RETURN:
        return Decision(kind, case="return_disputed", must_act="operator", reason=rule.remedy)
    effect = account_effect(rule)
    if effect is AccountEffect.NONE and seen.payments_returned >= PAYMENTS_THAT_DISABLE:
        effect = AccountEffect.DISABLE
    loss = seen.refunded and seen.direction == "debit"
    day, reason = None, rule.remedy
    if rule.retryable and seen.direction == "debit":
        day, reason = _next_try(rule, seen, effect, loss=loss, pause_banking_days=pause_banking_days)
    case = "return_after_refund" if loss else _case(rule, effect)
    return Decision(
        kind,
        account=effect,
        reinitiate_on=day,
        revoke_authorization=rule.authorization_revoked,
        loss=loss,
        case=case,
        must_act=_who_acts(rule, day),
        reason=reason,
    )


def account_effect(rule: ReturnCode) -> AccountEffect:
    """What the code alone does to the account; unknown codes hold it until a person has looked."""
    if not rule.known:
        return AccountEffect.HOLD
    return {
        "none": AccountEffect.NONE,
        "debits": AccountEffect.DISABLE_DEBITS,
        "all": AccountEffect.DISABLE,
        "this_entry_or_series": AccountEffect.HOLD,
        "hold_until_corrected": AccountEffect.HOLD,
    }[rule.disable_scope]


def reinitiation_day(today: date, pause_banking_days: int) -> date:
    """The banking day on which the next try goes out: the count-th after the return was heard of."""
    return add_banking_days(today, max(pause_banking_days, 1))


def in_time(day: date, original_settlement: date) -> bool:
    """Whether an entry that goes out on this day settles within 180 days of the original settlement."""
    return settles_in_time(next_banking_day(banking_day_on_or_after(day)), original_settlement)


def settles_in_time(settlement: date, original_settlement: date) -> bool:
    """Whether a settlement on this date is within 180 days of the original one."""
    return settlement <= original_settlement + timedelta(days=REINITIATION_DAYS)


def _next_try(
    rule: ReturnCode, seen: Circumstances, effect: AccountEffect, *, loss: bool, pause_banking_days: int
) -> tuple[date | None, str]:
    if loss:
        return None, "it was refunded: nothing is owed any more"
    if not seen.reinitiation_wanted:
        return None, "reinitiation is not opted in"
    if seen.reinitiations >= rule.max_reinitiations:
        return None, f"sent again {seen.reinitiations} times already"
    if effect is not AccountEffect.NONE:
        return None, "the account is disabled"
    day = reinitiation_day(seen.today, pause_banking_days)
    if not in_time(day, seen.original_settlement):
        return None, f"later than {REINITIATION_DAYS} days after the original settlement"
    return day, "reinitiate"


def _case(rule: ReturnCode, effect: AccountEffect) -> str | None:
    if not rule.known:
        return "unknown_return_code"
    if effect is AccountEffect.HOLD:
        return "account_on_hold"
    if rule.category == "unauthorized" or rule.code in _SERIOUS:
        return "return_alert"
    return "return_review" if rule.remedy in ("review", "fix_and_new_entry", "none_do_not_resend", "none") else None


def _who_acts(rule: ReturnCode, reinitiated_on: date | None) -> Literal["payee", "operator", "nobody"]:
    if reinitiated_on is not None:
        return "nobody"
    ours = rule.remedy in ("review", "fix_and_new_entry", "none_do_not_resend", "none", "none_entry_type_not_allowed")
    return "operator" if ours or not rule.known else "payee"
