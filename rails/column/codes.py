"""What Column's error codes mean: which prove that nothing happened, and who must act. Messages change; codes do not.

Everything that is not listed here, 408, 409, 429 and 5xx among it, proves nothing.
"""

from domain.money_call import MustAct

REFUSED: dict[tuple[int, str], tuple[MustAct, str]] = {
    (400, "invalid_routing_number"): ("payee", "The routing number is not valid."),
    (400, "invalid_account_number"): ("payee", "The account number is not valid."),
    (400, "counterparty_blocked"): ("operator", "The bank does not send to this account."),
    (400, "insufficient_balance"): ("operator", "The bank account does not hold enough money."),
    (400, "ach_limit_exceeded"): ("operator", "The bank's limit for ACH transfers is reached."),
    (400, "same_day_limit_exceeded"): ("operator", "The amount is too large for a same-day transfer."),
    (400, "same_bank_account"): ("operator", "Both bank accounts of the transfer are the same: see the settings."),
    (400, "invalid_parameter"): ("operator", "The bank found the request malformed."),
    (400, "invalid_body"): ("operator", "The bank found the request malformed."),
    (401, "invalid_api_key"): ("operator", "The bank does not accept our API key."),
    (403, "forbidden"): ("operator", "Our API key may not do this at the bank."),
    (400, "check_transfer_invalid_status"): ("operator", "The check is cashed, or ended otherwise: see its state."),
    (404, "check_transfer_not_found"): ("operator", "The bank does not know the check."),
    (404, "bank_account_not_found"): ("operator", "The bank does not know the configured bank account."),
    (404, "account_number_not_found"): ("operator", "The bank does not know the configured account number."),
}
