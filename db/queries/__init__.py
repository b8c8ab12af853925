"""Every query that is not a write of a unit of work, one file per noun."""
