"""Migrations, applied in the order of their numbers by the database's owner."""
