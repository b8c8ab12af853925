"""Money calls in the database: reading them, and the functions that alone may change them."""
