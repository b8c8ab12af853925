"""The gateway's tables. Amounts are cents. Account numbers live here and nowhere else, as at a bank."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS terminals (key TEXT PRIMARY KEY, merch_nbr TEXT NOT NULL, terminal_nbr TEXT NOT NULL);

-- What a GUID stands for: an account, seen through the merchant who stored or used it.
CREATE TABLE IF NOT EXISTS brics (
    guid TEXT PRIMARY KEY, merch_nbr TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('storage', 'financial')),
    family TEXT NOT NULL CHECK (family IN ('CKC', 'CKS')),
    routing_number TEXT NOT NULL, account_number TEXT NOT NULL, created_at TEXT NOT NULL
);

-- Every answered request of a known terminal, in order: what the daily report lists.
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal TEXT NOT NULL REFERENCES terminals (key),
    tran_nbr TEXT NOT NULL, batch_id TEXT NOT NULL, tran_type TEXT NOT NULL, amount INTEGER NOT NULL,
    guid TEXT, orig_guid TEXT, auth_resp TEXT NOT NULL, auth_text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('declined', 'stored', 'accepted', 'voided', 'void', 'originated', 'settled', 'returned')),
    received_at TEXT NOT NULL, settlement_date TEXT, return_code TEXT
);
CREATE INDEX IF NOT EXISTS entries_batch ON entries (batch_id, terminal);
CREATE UNIQUE INDEX IF NOT EXISTS entries_guid ON entries (guid);

-- The day on which a batch number was first used, for numbers that are not themselves a date.
CREATE TABLE IF NOT EXISTS batches (
    merch_nbr TEXT NOT NULL, batch_id TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (merch_nbr, batch_id)
);

-- The merchant's settlement account, as the gateway moves it: debits add, credits and returned debits take away.
CREATE TABLE IF NOT EXISTS postings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, merch_nbr TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entries (id),
    amount INTEGER NOT NULL, reason TEXT NOT NULL, posted_at TEXT NOT NULL
);

-- What the feeds tell, in order; the id is the stable event id.
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL CHECK (feed IN ('settlements', 'returns')),
    kind TEXT NOT NULL, entry INTEGER REFERENCES entries (id), subject TEXT NOT NULL,
    code TEXT, reason TEXT, addenda TEXT, corrected_data TEXT, business_date TEXT NOT NULL, created_at TEXT NOT NULL
);
"""
