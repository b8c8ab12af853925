"""What AUTH_RESP means for ACH: which codes prove something, and who must act (gateway contract, section 1.5)."""

from domain.money_call import MustAct

ACCEPTED = frozenset({"00"})
ACCEPTED_FOR_STORAGE = frozenset({"00", "85"})
# 79 on a void: the original was voided before, which is what was asked for
ACCEPTED_FOR_VOID = frozenset({"00", "79"})

REFUSED: dict[str, MustAct] = {
    "05": "payee",  # do not honor: account closed or restricted
    "S7": "payee",
    "14": "payee",  # account number invalid
    "78": "payee",  # routing number invalid
    "51": "payee",  # not enough funds at a real-time check
    "52": "payee",  # no checking account
    "53": "payee",  # no savings account
    "61": "operator",  # amount limit
    "65": "operator",  # frequency limit
    "12": "operator",
    "13": "operator",
    "80": "operator",
    "EA": "operator",
    "EB": "operator",
    "EH": "operator",
    "RR": "operator",
    "03": "operator",  # merchant or terminal not known
    "BD": "operator",  # batch declined
}
# Everything else is unknown, 06, 91 and 96 (system errors) among it: EPX may have kept such an attempt.


def accepted_codes(operation: str) -> frozenset[str]:
    """The codes that mean `done` for a TRAN_TYPE."""
    if operation.endswith("8"):
        return ACCEPTED_FOR_STORAGE
    return ACCEPTED_FOR_VOID if operation.endswith("X") else ACCEPTED
