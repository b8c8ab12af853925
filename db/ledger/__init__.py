"""The double-entry ledger: postings, holds and balances, and the proof of the books."""
