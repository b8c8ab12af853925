"""The double-entry ledger: posting, reading and proving it. Its tables and functions: migration 0002."""
