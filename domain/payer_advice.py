"""What to tell the payer about an entry, and whether another attempt makes sense (seed 003, section 10, corrected)."""

from dataclasses import dataclass

from domain.ach import AchState
from domain.auth_resp import RetryAdvice, auth_resps
from domain.return_codes import return_code

_IN_DOUBT = "We are finding out what became of this payment, please do not pay again."
_NEVER_SENT = "This payment was not made."
_CAME_BACK = {
    "funds": "Your bank returned the payment for lack of funds.",
    "administrative": "Your bank could not find or use the account. Please use another account.",
    "unauthorized": "Your bank returned the payment as not authorized. We will not debit this account again.",
    "other": "Your bank returned the payment.",
}


@dataclass(frozen=True, slots=True)
class PayerAdvice:
    """A sentence for the payer, and the advice for whoever presents payments."""

    user_message: str | None
    retry_advice: RetryAdvice


def payer_advice(state: AchState, code: str | None) -> PayerAdvice:
    """`code` is the AUTH_RESP, the return code, or our own reason why an entry was not sent."""
    if state in (AchState.RETURNED, AchState.DISHONORED, AchState.CONTESTED):
        rule = return_code(code or "")
        return PayerAdvice(_CAME_BACK[rule.category], "later" if rule.retryable else "after_change")
    if state is AchState.UNKNOWN:
        return PayerAdvice(_IN_DOUBT, "not_before_known")
    known = auth_resps().get(code or "")
    if known is not None and state is not AchState.CANCELED:
        return PayerAdvice(known.user_message, known.retry_advice)
    if state in (AchState.CANCELED, AchState.NOT_FOUND, AchState.DECLINED):
        return PayerAdvice(_NEVER_SENT, "after_change")
    return PayerAdvice(None, "none")
