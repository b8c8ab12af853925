"""Build Column's transfer requests. The description and the key are the money call's rail reference."""

import unicodedata
from dataclasses import dataclass

from domain.money import Money

NACHA_SAME_DAY_LIMIT = 1_000_000_00
"""Cents: the largest entry that settles on the same day (Nacha rules, since 18 March 2022)."""
LONGEST_RECEIVER_NAME = 22
LONGEST_REASON = 100


@dataclass(frozen=True, slots=True)
class BankAccounts:
    """Our accounts at Column, by their ids there, and the name that payees read on their statement."""

    fs_main: str
    fs_operating: str
    account_number_id: str
    company_name: str


def book_transfer(sender: str, receiver: str, money: Money) -> dict[str, str]:
    """Between two of our own accounts."""
    return {
        "amount": str(money.minor_units),
        "currency_code": money.currency,
        "sender_bank_account_id": sender,
        "receiver_bank_account_id": receiver,
    }


def stop_check(check_id: str, reason: str) -> dict[str, str]:
    """Stop a check that nobody has cashed."""
    return {"check_id": check_id, "reason": plain_text(reason)[:LONGEST_REASON].rstrip()}


def ach_credit(
    accounts: BankAccounts, money: Money, *, name: str, routing_number: str, account_number: str, account_type: str
) -> dict[str, str]:
    """To a person's account (PPD), on the same day where the amount allows it."""
    receiver = plain_text(name)
    return {
        "amount": str(money.minor_units),
        "currency_code": money.currency,
        "type": "CREDIT",
        "entry_class_code": "PPD",
        "counterparty[name]": receiver,
        "counterparty[routing_number]": routing_number,
        "counterparty[account_number]": account_number,
        "counterparty[account_type]": account_type.upper(),
        "receiver_name": receiver[:LONGEST_RECEIVER_NAME].rstrip(),
        "company_name": accounts.company_name,
        "company_entry_description": "REIMBURSE",
        "account_number_id": accounts.account_number_id,
        "same_day": "true" if money.minor_units <= NACHA_SAME_DAY_LIMIT else "false",
    }


def plain_text(text: str) -> str:
    """A text in the characters that banks print: accents are dropped, what has no Latin form goes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(plain.split()) or "PAYEE"
