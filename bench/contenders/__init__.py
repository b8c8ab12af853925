"""What is measured against what: each file one way of doing the same thing."""
