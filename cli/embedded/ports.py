"""TCP ports of this machine: a free one, and one clear line when a wanted one is taken."""

import errno
import socket

from cli.embedded.failure import StartFailedError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that was free a moment ago. Another program may still take it first."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free_port(port: int, *, needed_by: str, setting: str, host: str = LOOPBACK) -> None:
    """Refuse a port that cannot be bound, naming the port, who wants it and the setting that chooses another.

    Raises:
        StartFailedError: another program listens there, or the port or address is not ours to bind.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a connection of the last run that lingers in TIME_WAIT is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = {errno.EADDRINUSE: "is taken by another program", errno.EACCES: "is not allowed for this user"}
            why = reason.get(error.errno or 0, f"cannot be used ({error.strerror})")
            raise StartFailedError(f"{needed_by}: port {port} on {host} {why}; choose another with {setting}") from None


def accepts_connections(port: int, host: str = LOOPBACK) -> bool:
    """Whether something answers on the port now."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
