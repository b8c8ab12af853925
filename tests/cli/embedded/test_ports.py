"""A taken port is one clear line."""

import socket

import pytest

from cli.embedded.failure import StartFailedError
from cli.embedded.ports import LOOPBACK, accepts_connections, free_port, require_free_port


def test_a_taken_port_is_named_with_its_user_and_the_setting_that_moves_it() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartFailedError) as refused:
            require_free_port(port, needed_by="the API", setting="BURSAR_API__PORT")
    assert str(refused.value) == (
        f"the API: port {port} on 127.0.0.1 is taken by another program; choose another with BURSAR_API__PORT"
    )


def test_a_free_port_is_accepted_and_nobody_listens_on_it() -> None:
    port = free_port()
    require_free_port(port, needed_by="the API", setting="BURSAR_API__PORT")
    assert not accepts_connections(port)


def test_a_connection_of_the_last_run_in_time_wait_is_no_obstacle() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)):
            accepted, _ = server.accept()
            accepted.close()  # the side that closes first keeps the port in TIME_WAIT
    require_free_port(port, needed_by="the API", setting="BURSAR_API__PORT")
