"""Chek's tables. Amounts are cents; ``outside`` stands for all banks, shops and persons beyond Chek."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS programs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL, phone TEXT NOT NULL, first_name TEXT NOT NULL,
    last_name TEXT NOT NULL, address TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cards (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id),
    program_id INTEGER NOT NULL REFERENCES programs (id), last4 TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('Active', 'Inactive', 'Pending')), created_at TEXT NOT NULL
);
-- ``id`` is null as long as the person has not finished the bank setup from the invitation.
CREATE TABLE IF NOT EXISTS direct_pay (
    user_id INTEGER PRIMARY KEY REFERENCES users (id), id TEXT UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('Active', 'Inactive', 'Invited')),
    bank_name TEXT, last4 TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS balances (
    kind TEXT NOT NULL CHECK (kind IN ('program', 'wallet', 'card')), id INTEGER NOT NULL,
    balance INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0), PRIMARY KEY (kind, id)
);
-- Every movement, by the API or by others: the balances are nothing but its sums.
CREATE TABLE IF NOT EXISTS transfers (
    id INTEGER PRIMARY KEY, from_kind TEXT NOT NULL, from_id INTEGER NOT NULL, to_kind TEXT NOT NULL,
    to_id INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), reason TEXT NOT NULL,
    description TEXT NOT NULL, metadata TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS payments (
    number INTEGER PRIMARY KEY AUTOINCREMENT, payment_id TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id), program_id INTEGER NOT NULL, amount INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('Pending', 'Completed', 'Returned')), return_code TEXT,
    memo TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
"""
