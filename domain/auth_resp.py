"""What the gateway's AUTH_RESP means for ACH, who must act, and what to tell the payer (gateway contract, 1.5).

The table is data (domain/data/epx_auth_resp.csv). A code that is not in it proves nothing: the outcome is unknown.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

from domain.money_call import MustAct

AuthOutcome = Literal["accepted", "accepted_for_void", "refused", "unknown"]
RetryAdvice = Literal["none", "later", "after_change", "never", "not_before_known"]
"""`later` and `after_change` mean a new attempt, never the same call; `not_before_known`: it may have happened."""


@dataclass(frozen=True, slots=True)
class AuthResp:
    """One code."""

    code: str
    meaning: str
    outcome: AuthOutcome
    must_act: MustAct | None
    retry_advice: RetryAdvice
    user_message: str


@cache
def auth_resps() -> dict[str, AuthResp]:
    """Every code that the contract gives a meaning."""
    text = resources.files("domain.data").joinpath("epx_auth_resp.csv").read_text(encoding="utf-8")
    return {
        row["code"]: AuthResp(
            code=row["code"],
            meaning=row["meaning"],
            outcome=cast("AuthOutcome", row["outcome"]),
            must_act=cast("MustAct", row["must_act"]) if row["must_act"] else None,
            retry_advice=cast("RetryAdvice", row["retry_advice"]),
            user_message=row["user_message"],
        )
        for row in csv.DictReader(text.splitlines())
    }
