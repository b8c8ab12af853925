"""What a client or an operator may ask for: permission, then start, signal or read. One file per noun."""
