"""The servers that `bursar up`, `make test` and `make check` start themselves: PostgreSQL and Temporal, from wheels."""
