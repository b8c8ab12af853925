"""Secrets at rest: envelope encryption, the keys for it, and fingerprints to find a secret without reading it."""
