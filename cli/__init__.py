"""The `bursar` command: one file per noun."""
