"""The one error of this package: something could not be started, said in one line that names the remedy."""


class StartFailedError(Exception):
    """A part of Bursar could not start or stop. `str()` is one line for a person and holds no secret."""
