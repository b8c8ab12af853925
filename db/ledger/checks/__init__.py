"""The proofs of the books, one file each. A flow with a truth of its own about accounts adds a file and a line here.

A proof reads everything in one snapshot and returns at most `LIMIT` differences, the oldest or lowest first.
"""

from collections.abc import Awaitable, Callable

import asyncpg

from db.ledger.checks.accounts import entries_name_their_accounts
from db.ledger.checks.audit_rows import audit_rows_match_transactions
from db.ledger.checks.balances import balances_equal_entries
from db.ledger.checks.conservation import sums_are_zero
from db.ledger.checks.floors import floors_are_kept
from db.ledger.checks.folded import folded_values_equal_entries
from db.ledger.checks.hold_owners import holds_belong_to_open_owners
from db.ledger.checks.holds import holds_equal_their_entries
from db.ledger.checks.keys import one_transaction_per_key
from db.ledger.checks.payouts import (
    bank_fees_are_attempts,
    every_bank_debit_has_one_attempt,
    outstanding_checks_are_attempts,
)
from db.ledger.checks.reimbursements import (
    clearing_equals_unpaid_payouts,
    nobody_is_paid_more_than_approved,
    reservations_belong_to_approved_reports,
)
from db.ledger.report import Difference

Proof = Callable[["asyncpg.Connection[asyncpg.Record]"], Awaitable[list[Difference]]]

PROOFS: tuple[Proof, ...] = (
    one_transaction_per_key,
    audit_rows_match_transactions,
    entries_name_their_accounts,
    sums_are_zero,
    balances_equal_entries,
    folded_values_equal_entries,
    floors_are_kept,
    holds_equal_their_entries,
    holds_belong_to_open_owners,
    clearing_equals_unpaid_payouts,
    reservations_belong_to_approved_reports,
    nobody_is_paid_more_than_approved,
    every_bank_debit_has_one_attempt,
    outstanding_checks_are_attempts,
    bank_fees_are_attempts,
)
