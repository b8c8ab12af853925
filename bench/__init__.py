"""How near each part is to its limit: `make bench`, or `python -m bench ledger codec`."""
