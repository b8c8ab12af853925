"""The embedded Temporal server: our namespace and settings, runs that survive a kill, and clear refusals."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from cli.embedded.failure import StartFailedError
from cli.embedded.ports import LOOPBACK
from cli.embedded.temporal import EmbeddedTemporal, reason_in, temporal_program
from tests.cli.embedded.small_disk import small_disk


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    folder = tmp_path_factory.mktemp("temporal")
    with EmbeddedTemporal(folder, codec_endpoint="http://127.0.0.1:8080/codec") as server:
        yield server


def told(server: EmbeddedTemporal, *command: str) -> str:
    program = [str(temporal_program()), "operator", *command, "--address", server.address, "--output", "json"]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def test_runs_are_kept_for_90_days_and_found_by_our_search_attributes(server: EmbeddedTemporal) -> None:
    described = json.loads(told(server, "namespace", "describe", "--namespace", "bursar"))
    assert described["config"]["workflowExecutionRetentionTtl"] == f"{90 * 24 * 3600}s"
    attributes = json.loads(told(server, "search-attribute", "list", "--namespace", "bursar"))["customAttributes"]
    ours = {name: kind for name, kind in attributes.items() if not name.startswith("Temporal")}
    assert ours == dict.fromkeys(("Organization", "Flow", "State", "Subject", "Payee"), "INDEXED_VALUE_TYPE_KEYWORD")


async def test_a_started_run_survives_a_killed_server_on_the_same_address(server: EmbeddedTemporal) -> None:
    address = server.address
    client = await Client.connect(address, namespace="bursar")
    await client.start_workflow("NobodyRunsThis", id="kept", task_queue="nobody")
    server.kill()
    server.start()
    assert server.address == address
    again = await Client.connect(address, namespace="bursar")
    assert (await again.get_workflow_handle("kept").describe()).workflow_type == "NobodyRunsThis"


def test_the_web_ui_is_served_and_knows_where_payloads_are_decrypted(server: EmbeddedTemporal) -> None:
    settings = httpx.get(f"{server.ui_url}/api/v1/settings", timeout=5).json()
    assert settings["Codec"]["Endpoint"] == "http://127.0.0.1:8080/codec"
    assert settings["DisableNewsFetch"] is True


def test_a_server_in_memory_leaves_no_runs_behind(tmp_path: Path) -> None:
    with EmbeddedTemporal(tmp_path, in_memory=True, headless=True) as server:
        assert server.runs
        assert not list(tmp_path.glob("temporal.db*"))
    assert not server.runs


@pytest.mark.parametrize(
    ("option", "setting"), [("port", "BURSAR_TEMPORAL__PORT"), ("ui_port", "BURSAR_TEMPORAL__UI_PORT")]
)
def test_a_taken_port_is_one_clear_line(tmp_path: Path, option: str, setting: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartFailedError) as refused:
            EmbeddedTemporal(tmp_path, **{option: port}).start()
    assert str(refused.value).startswith(f"Temporal: port {port} on 127.0.0.1 is taken")
    assert str(refused.value).endswith(f"choose another with {setting}")


def test_a_missing_program_is_one_clear_line_and_path_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporal").write_text("#!/bin/sh\n")
    (tmp_path / "temporal").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert temporal_program().parent != tmp_path
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path / "elsewhere"))
    with pytest.raises(StartFailedError, match=r"elsewhere/temporal is missing; run `make up`"):
        EmbeddedTemporal(tmp_path / "temporal-data").start()


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        (disk / "filler").write_bytes(b"x" * 980_000)
        with pytest.raises(StartFailedError, match=r"Temporal did not start: the disk that holds .* is full"):
            EmbeddedTemporal(disk / "temporal", headless=True).start()


def test_the_reason_is_the_last_error_line() -> None:
    output = "Temporal CLI 1.9.1\nError: failed starting server: no such flag\n\nUsage: temporal\n"
    assert reason_in(output) == "Error: failed starting server: no such flag"
    assert reason_in("") == "it said nothing"
