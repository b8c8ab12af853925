"""What ACH stories begin with."""

from typing import Any

from tests.system import System

ACCOUNT = {"account_type": "checking", "routing_number": "011000015", "first_name": "Maria", "last_name": "Keller"}
NUMBER = "123456789"


async def merchant(system: System, policy: str = "gateway_accept", **limits: int) -> str:
    """A merchant of the sandbox's terminal; returns its id."""
    made = await system.post(
        "/v1/merchants",
        {
            "name": f"Merchant {policy} {len(limits)}",
            "cust_nbr": "7000",
            "merch_nbr": "700010",
            "dba_nbr": "1",
            "terminal_nbr": "1",
            "verification_policy": policy,
            **limits,
        },
    )
    return str(made["id"])


async def stored_account(system: System, merchant_id: str, number: str = NUMBER, **changes: Any) -> dict[str, Any]:
    """An account that the gateway has taken, or refused."""
    body = {"merchant_id": merchant_id, "customer_id": "customer-1", "account_number": number, **ACCOUNT, **changes}
    account: dict[str, Any] = await system.post("/v1/ach-accounts", body, wait=10)
    return account


async def debited(system: System, account_id: str, amount: int = 15_000) -> dict[str, Any]:
    """A debit that the gateway has answered."""
    debit: dict[str, Any] = await system.post(
        "/v1/ach-debits", {"account_id": account_id, "amount": amount, "currency": "USD"}, wait=10
    )
    return debit
