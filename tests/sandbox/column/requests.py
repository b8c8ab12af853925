"""Right requests to Column, to be changed one field at a time."""

from typing import Any

import httpx

BOOK = {
    "amount": "5000",
    "currency_code": "USD",
    "sender_bank_account_id": "bacc_fs_main",
    "receiver_bank_account_id": "bacc_fs_operating",
    "description": "HCB-ab3xz",
}
ACH = {
    "amount": "2000",
    "currency_code": "USD",
    "type": "CREDIT",
    "entry_class_code": "PPD",
    "counterparty[name]": "Ada Lovelace",
    "counterparty[account_number]": "123456789",
    "counterparty[routing_number]": "011000015",
    "company_name": "Bursar",
    "company_entry_description": "REIMBURSE",
    "description": "Expenses",
    "account_number_id": "acno_fs_main",
    "same_day": "true",
}
CHECK = {
    "account_number_id": "acno_fs_main",
    "positive_pay_amount": "3000",
    "currency_code": "USD",
    "payee_name": "Ada Lovelace",
    "mail_check_request[message]": "Thank you",
    "mail_check_request[memo]": "Expenses",
    "mail_check_request[payee_address][line_1]": "1 Main St",
    "mail_check_request[payee_address][city]": "Denver",
    "mail_check_request[payee_address][state]": "CO",
    "mail_check_request[payee_address][postal_code]": "80202",
    "mail_check_request[payee_address][country_code]": "US",
}


async def send(
    column: httpx.AsyncClient, path: str, fields: dict[str, str], key: str, **changes: str | None
) -> httpx.Response:
    """``None`` leaves a field out; a double underscore in a name stands for brackets."""
    renamed = {_bracketed(name): value for name, value in changes.items()}
    body = {name: value for name, value in (fields | renamed).items() if value is not None}
    return await column.post(path, data=body, headers={"Idempotency-Key": key})


async def balances(column: httpx.AsyncClient) -> tuple[int, int]:
    """(fs_main, fs_operating)."""
    found = []
    for name in ("bacc_fs_main", "bacc_fs_operating"):
        account: dict[str, Any] = (await column.get(f"/bank-accounts/{name}")).json()
        found.append(account["balances"]["available_amount"])
    return found[0], found[1]


def _bracketed(name: str) -> str:
    first, *rest = name.split("__")
    return first + "".join(f"[{part}]" for part in rest)
