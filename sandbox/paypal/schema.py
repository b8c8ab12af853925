"""PayPal's tables. Amounts are cents; `events` as every partner with webhooks has it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS balance (
    id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER NOT NULL, item_id TEXT, reason TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, batch_id TEXT NOT NULL UNIQUE,
    sender_batch_id TEXT NOT NULL, amount INTEGER NOT NULL, receiver TEXT NOT NULL, status TEXT NOT NULL,
    error TEXT, note TEXT NOT NULL, sender_item_id TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS items_sender ON items (sender_batch_id);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created_at TEXT NOT NULL,
    data TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0, last_answer TEXT, not_before TEXT NOT NULL
);
"""
