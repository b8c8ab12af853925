"""Inputs and results of flows and activities, one file per noun. Additive only; ids instead of secrets."""
