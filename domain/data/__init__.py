"""Tables of public facts, as CSV."""
