"""Rules of money and time: no input or output, no clock of its own, no framework."""
