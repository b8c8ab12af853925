"""Money calls as their rows would stand, ready to be sent or in doubt."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.chek_wallet import user_wallet
from domain.ids import new_id
from domain.money import Money
from domain.money_call import MoneyCall

if TYPE_CHECKING:
    from tests.rails.chek.conftest import Bench

ADDRESS = {"line1": "1 Main St", "city": "Denver", "state": "CO", "postal_code": "80202", "country_code": "US"}


def money_call(operation: str, request: Mapping[str, Any], amount: int, expectation: Mapping[str, int]) -> MoneyCall:
    """A call whose send deadline passed a minute ago."""
    now = datetime.now(UTC)
    return MoneyCall(
        id=new_id(),
        organization_id=new_id(),
        flow="provider-payment",
        flow_id=new_id(),
        step="pay_out",
        ordinal=1,
        rail="chek",
        operation=operation,
        strategy="balance_evidence",
        rail_reference=f"bursar-{new_id().hex}",
        money=Money(amount, "USD"),
        state="sending",
        fencing_token=1,
        send_count=1,
        find_count=0,
        request=request,
        expectation=expectation,
        evidence=(),
        first_sent_at=now - timedelta(seconds=70),
        send_deadline=now - timedelta(seconds=60),
        recorded_at=now - timedelta(seconds=80),
        code=None,
        message=None,
        must_act=None,
        rail_id=None,
        returned_at=None,
        proposal_hash=None,
    )


def with_reading(call: MoneyCall, evidence: Mapping[str, Any]) -> MoneyCall:
    """The call after `ready` was written to its row."""
    return replace(call, evidence=(*call.evidence, {"before": evidence}))


def every_call(bench: "Bench", amount: int = 1_000) -> dict[str, MoneyCall]:
    """One call of each operation; the wallets must stand as `fill` leaves them."""
    family, provider = bench.family, bench.provider
    both = {user_wallet(family): 10_000, user_wallet(provider): 5_000}
    there, back = {"payer": family, "payee": provider}, {"payer": provider, "payee": family}
    payout = {"user": provider, "direct_pay": bench.direct_pay, "program": "501"}
    own = {user_wallet(provider): 5_000}
    return {
        "fund_family": money_call(
            "fund_family", {"user": family, "program": "501"}, amount, {user_wallet(family): 10_000}
        ),
        "wallet_to_wallet": money_call("wallet_to_wallet", there, amount, both),
        "return_to_family": money_call("return_to_family", back, amount, both),
        "send_payment": money_call("send_payment", payout, amount, own),
        "allocate_to_card": money_call("allocate_to_card", {"user": provider, "card": bench.card}, amount, own),
        "reclaim": money_call("reclaim", {"user": provider, "program": "501"}, amount, own),
    }
