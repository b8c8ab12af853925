"""What to tell the payer about an entry, and whether another attempt makes sense (seed 003, section 10, corrected)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.ach import CAME_BACK, AchState
from domain.auth_resp import RetryAdvice, auth_resps
from domain.return_codes import ReturnCode, return_code

_GOES_OUT = (AchState.ACCEPTED, AchState.ORIGINATED, AchState.SETTLED)

_IN_DOUBT = "We are finding out what became of this payment, please do not pay again."
_NEVER_SENT = "This payment was not made."
_CANCELLED = "This payment was cancelled: nothing is debited."
_PAID = "Your payment was made."
_SENT_AGAIN = "Your bank returned the payment for lack of funds. We will debit your account once more."
_BY_CATEGORY = {
    "funds": "Your bank returned the payment for lack of funds.",
    "administrative": "Your bank could not find or use the account. Please use another account.",
    "unauthorized": "Your bank returned the payment as not authorized. We will not debit this account again.",
    "other": "Your bank returned the payment.",
}
_ON_ITS_WAY = "The money is on its way to your account. Banks take one to three banking days."
_ARRIVED = "The money was sent to your account."
_SENT_BACK = "Your bank sent our payment to you back. Please give us another account."


@dataclass(frozen=True, slots=True)
class PayerAdvice:
    """A sentence for the payer, and the advice for whoever presents payments."""

    user_message: str | None
    retry_advice: RetryAdvice


def payer_advice(entry: Mapping[Any, Any], state: AchState) -> PayerAdvice:
    """Of an entry as it is shown: its `type`, `direction`, codes and `must_act`; `state` as it is shown.

    A debit that came back and is sent again by itself (nobody must act) needs no new attempt: it would be a second one.
    """
    credit = entry["direction"] == "credit"
    if state in CAME_BACK:
        return _came_back(return_code(entry["return_code"] or ""), credit=credit, again=entry["must_act"] == "nobody")
    if state is AchState.UNKNOWN:
        return PayerAdvice(_IN_DOUBT, "not_before_known")
    if state in _GOES_OUT or state is AchState.VOIDED:
        return PayerAdvice(_said(entry, state, credit=credit), "none")
    known = auth_resps().get(entry["code"] or entry["auth_resp"] or "")
    if known is not None and state is not AchState.CANCELED:
        return PayerAdvice(known.user_message, known.retry_advice)
    if state in (AchState.CANCELED, AchState.NOT_FOUND, AchState.DECLINED):
        return PayerAdvice(_NEVER_SENT, "after_change")
    return PayerAdvice(None, "none")


def _came_back(rule: ReturnCode, *, credit: bool, again: bool) -> PayerAdvice:
    if credit:
        return PayerAdvice(_SENT_BACK, "after_change")
    if again:
        return PayerAdvice(_SENT_AGAIN, "none")
    return PayerAdvice(_BY_CATEGORY[rule.category], "later" if rule.retryable else "after_change")


def _said(entry: Mapping[Any, Any], state: AchState, *, credit: bool) -> str | None:
    """What is said of an entry that the gateway took, also where a person found that out."""
    if entry["type"] == "VOID" or state is AchState.VOIDED:
        return _CANCELLED
    if state is AchState.SETTLED:
        return _ARRIVED if credit else _PAID
    return _ON_ITS_WAY if credit else auth_resps()["00"].user_message
