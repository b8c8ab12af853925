"""PayPal Payouts: OAuth token, batches of one item, items that change by themselves, webhooks that can be verified."""
