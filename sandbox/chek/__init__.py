"""Chek: programmes, wallets, virtual cards and ACH payouts. It knows no idempotency: asked twice, it moves twice."""
