"""The bank's tables. Amounts are cents; documents are what the API shows, without account numbers."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS bank_accounts (
    id TEXT PRIMARY KEY, account_number_id TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
    available INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL
);
-- Every movement of every account: a balance is nothing but the sum of its lines.
CREATE TABLE IF NOT EXISTS lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id),
    amount INTEGER NOT NULL, transfer_id TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counterparties (
    id TEXT PRIMARY KEY, routing_number TEXT NOT NULL, account_number TEXT NOT NULL, name TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS transfers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('book', 'ach', 'check', 'wire', 'international_wire', 'realtime')),
    bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id), counterparty_id TEXT REFERENCES counterparties (id),
    status TEXT NOT NULL, created_at TEXT NOT NULL, document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, document TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created_at TEXT NOT NULL,
    data TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0, last_answer TEXT, not_before TEXT NOT NULL
);
"""
