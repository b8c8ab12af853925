"""docker-compose.yml is a promise about settings and order; what can be proved without an engine is proved here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.embedded.temporal import RETENTION, SEARCH_ATTRIBUTES
from settings import Settings

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"\$\{[A-Z_]+(:\?[^}]*)?\}")


class Strict(yaml.SafeLoader):  # type: ignore[misc]
    """Refuses a key that stands twice, as Compose does."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
        super().flatten_mapping(node)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "docker-compose.yml").read_text(), Strict)  # noqa: S506 - a safe loader
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_everything_that_was_promised_is_there(services: dict[str, Any]) -> None:
    assert {"postgres", "temporal", "temporal-ui", "migrations", "sandbox", "worker", "api"} <= set(services)
    assert services["worker"]["deploy"]["replicas"] == 2


def test_each_service_that_keeps_running_has_a_health_check(services: dict[str, Any]) -> None:
    lasting = {name for name, service in services.items() if service["restart"] == "unless-stopped"}
    assert lasting == {"postgres", "temporal", "temporal-ui", "sandbox", "worker", "api"}
    assert {name for name in lasting if "healthcheck" not in services[name]} == set()


def test_each_dependency_exists_and_can_meet_its_condition(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, dependency in service.get("depends_on", {}).items():
            if dependency["condition"] == "service_healthy":
                assert "healthcheck" in services[name]
            if dependency["condition"] == "service_completed_successfully":
                assert services[name]["restart"] == "on-failure"


def test_configs_and_volumes_are_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert {config["source"] for config in service.get("configs", [])} <= set(compose["configs"])
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(compose["volumes"])


@pytest.mark.parametrize("name", ["worker", "api", "migrations"])
def test_the_settings_that_it_passes_are_settings(
    services: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable, value in services[name]["environment"].items():
        filled = value.replace("${BURSAR_ENVIRONMENT:-sandbox}", "sandbox")
        monkeypatch.setenv(variable, SECRET.sub("secret", filled))
    settings = Settings()
    assert settings.mode == "external"
    assert settings.database.url.get_secret_value() == "postgresql+asyncpg://bursar_app:secret@postgres/bursar"
    assert settings.epx.url == "http://sandbox:9101"
    assert bool(settings.database.owner_url.get_secret_value()) == (name == "migrations")


def test_passwords_come_from_outside_and_must_be_given(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("POSTGRES_PASSWORD", "BURSAR_OWNER_PASSWORD", "BURSAR_APP_PASSWORD", "TEMPORAL_PASSWORD"):
        assert f"${{{name}:?" in text
        assert name in (ROOT / "docs/running.md").read_text()
    for service in compose["services"].values():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable or variable.endswith("PWD"):
                assert SECRET.fullmatch(value), variable


def test_only_the_loopback_address_of_the_host_is_published(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_ports_of_the_sandbox_are_those_of_the_settings(services: dict[str, Any]) -> None:
    given = dict(part.removeprefix("--").split("=") for part in services["sandbox"]["command"] if "-port=" in part)
    defaults = Settings().sandbox
    assert {name.removesuffix("-port"): int(port) for name, port in given.items()} == {
        name: getattr(defaults, f"{name}_port") for name in ("control", "epx", "chek", "column", "paypal", "mailbox")
    }


def test_temporal_knows_the_same_search_attributes_and_retention_as_the_embedded_one(compose: dict[str, Any]) -> None:
    script = compose["configs"]["temporal-namespace"]["content"]
    assert f"for name in {' '.join(SEARCH_ATTRIBUTES)}; do" in script
    assert f"--retention {RETENTION}" in script


def test_the_worker_may_finish_before_the_engine_kills_it(services: dict[str, Any]) -> None:
    grace = int(services["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings().worker.graceful_shutdown_seconds


def test_the_image_is_built_without_secrets_data_or_history() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*", "everything is left out that is not named"
    named = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert not named & {".bursar", ".env", ".git", ".venv", "tests", "bench"}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages <= named
