"""Build Column's transfer requests. The description and the key are the money call's rail reference."""

import unicodedata
from dataclasses import dataclass

from domain.money import Money

NACHA_SAME_DAY_LIMIT = 1_000_000_00
"""Cents: the largest entry that settles on the same day (Nacha rules, since 18 March 2022)."""
LONGEST_RECEIVER_NAME = 22


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


def ach_credit(
    accounts: BankAccounts, money: Money, *, name: str, routing_number: str, account_number: str, account_type: str
) -> dict[str, str]:
    """To a person's account (PPD), on the same day where the amount allows it."""
    receiver = ach_name(name)
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


def ach_name(name: str) -> str:
    """A person's name in the characters of an ACH entry: accents are dropped, what has no Latin form goes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(plain.split()) or "PAYEE"
