"""Which AUTH_RESP codes prove something, by operation; the codes themselves are data (domain/auth_resp.py).

Everything that is not listed is unknown, 06, 91 and 96 (system errors) among it: EPX may have kept such an attempt.
"""

from domain.auth_resp import auth_resps
from domain.money_call import MustAct

ACCEPTED = frozenset({"00"})
ACCEPTED_FOR_STORAGE = frozenset({"00", "85"})
# 79 on a void: the original was voided before, which is what was asked for
ACCEPTED_FOR_VOID = frozenset({"00", "79"})

REFUSED: dict[str, MustAct] = {
    row.code: row.must_act for row in auth_resps().values() if row.outcome == "refused" and row.must_act is not None
}


def accepted_codes(operation: str) -> frozenset[str]:
    """The codes that mean `done` for a TRAN_TYPE."""
    if operation.endswith("8"):
        return ACCEPTED_FOR_STORAGE
    return ACCEPTED_FOR_VOID if operation.endswith("X") else ACCEPTED
