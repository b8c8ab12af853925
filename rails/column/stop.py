"""Stopping a check: POST /transfers/checks/{id}/stop-payment. No money moves; the check's own state is the proof."""

from collections.abc import Mapping
from typing import Any

import httpx

from domain.money_call import Finding, MoneyCall, Outcome
from rails.base import EvidenceUnavailable
from rails.column.operations import CHECKS, STOPPED


def path_of(call: MoneyCall) -> str:
    """Where the check is stopped."""
    return f"{CHECKS}/{call.request['check_id']}/stop-payment"


def classify_stop(call: MoneyCall, check: Mapping[str, Any], body: bytes | None = None) -> Outcome:
    """Whether a check, as an answer shows it, proves that it is stopped. It carries no transfer id: it makes none."""
    status = str(check.get("status", "")).upper()
    if check.get("id") != call.request["check_id"]:
        return Outcome("unknown", "other_reference", "The answer is about another check.", response=body)
    if status != STOPPED:
        return Outcome("unknown", "other_status", "The check is not stopped.", response=body)
    seen = {"check_id": check["id"], "status": status}
    return Outcome("applied", "stopped", "Column stopped the check.", evidence=seen, response=body)


async def find_stop(client: httpx.AsyncClient, url: str, auth: httpx.Auth, call: MoneyCall) -> Finding:
    """Read the check. Not stopped after the deadline: it was not done, and may be asked for again."""
    try:
        answer = await client.get(f"{url}{CHECKS}/{call.request['check_id']}", auth=auth)
        check = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, OSError) as error:
        raise EvidenceUnavailable(f"check: {type(error).__name__}") from None
    except ValueError:
        raise EvidenceUnavailable("check: not JSON") from None
    if not isinstance(check, dict) or check.get("id") != call.request["check_id"]:
        raise EvidenceUnavailable(f"check: HTTP {answer.status_code}")
    outcome = classify_stop(call, check)
    if outcome.state == "applied":
        return Finding("applied", outcome, evidence=outcome.evidence)
    status = str(check.get("status", "")).lower()[:40]
    evidence = {"check_id": check["id"], "status": status}
    message = f"The check is {status}: it was not stopped."
    return Finding("refused", Outcome("refused", "not_stopped", message, must_act="operator", evidence=evidence))
