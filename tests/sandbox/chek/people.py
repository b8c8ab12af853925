"""Right requests to Chek."""

from typing import Any

import httpx

from tests.sandbox.speakers import Control

PERSON: dict[str, Any] = {
    "email": "ada@example.org",
    "phone": "+13035550100",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "address": {
        "line1": "1 Main St",
        "city": "Denver",
        "state": "CO",
        "postal_code": "80202",
        "country_code": "US",
    },
}


class People:
    """Short cuts for what most tests need first."""

    def __init__(self, chek: httpx.AsyncClient, control: Control) -> None:
        self.chek = chek
        self.control = control

    async def user(self, balance: int = 0, **changes: Any) -> int:
        user_id: int = (await self.chek.post("users/", json=PERSON | changes)).json()["id"]
        if balance:
            await self.control.put("/chek/programs/501/balance", balance=balance)
            await self.transfer(user_id, "program_to_wallet", 501, balance)
        return user_id

    async def transfer(self, user: int, direction: str, other: int, amount: Any, **more: Any) -> httpx.Response:
        body = {"flow_direction": direction, "program_id": str(other), "counterparty_id": str(other), "amount": amount}
        return await self.chek.post(f"users/{user}/transfer_balance/", json=body | more)

    async def payable(self, balance: int, **changes: Any) -> int:
        """A user with an active direct-pay account."""
        user_id = await self.user(balance, **changes)
        await self.chek.post("directpay_accounts/invite/", json={"user_id": user_id})
        await self.control.put(f"/chek/users/{user_id}/directpay", status="Active")
        return user_id

    async def pay(self, user: int, amount: int, memo: str = "memo", **changes: Any) -> httpx.Response:
        body = {
            "amount": amount,
            "type": "same_day_ach",
            "funding_source": "wallet",
            "program_id": 501,
            "internal_memo": memo,
        }
        return await self.chek.post(f"directpay_accounts/{user}/send_payment/", json=body | changes)

    async def wallet(self, user: int) -> int:
        balance: int = (await self.chek.get(f"users/{user}/")).json()["balance"]
        return balance

    async def payments(self, user: int) -> list[dict[str, Any]]:
        account = (await self.chek.get(f"users/{user}/")).json()["directpay"]["id"]
        found: list[dict[str, Any]] = (await self.chek.get(f"directpay_accounts/{account}/")).json()[
            "outbound_payments"
        ]
        return found
