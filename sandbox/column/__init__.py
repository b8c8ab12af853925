"""Column: bank accounts, book transfers, ACH, checks, idempotency keys and signed webhooks."""
