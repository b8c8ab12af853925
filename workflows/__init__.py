"""One workflow class per file, deterministic; WORKFLOWS is the list that the worker registers."""
