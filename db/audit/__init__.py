"""The audit trail. Its tables and functions (append, seal, verify): migration 0003; every worker seals in a loop."""
