"""The control server: what tests, the command line and people use to watch and to disturb the sandbox."""
