"""PostgreSQL: the engine, the unit of work, tables, queries, the ledger, audit and migrations."""
