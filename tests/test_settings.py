"""Settings: defaults that work, and refusals that name the knob and not its value."""

import os
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from settings import MONEY_CALL_ACTIVITY_SECONDS, Settings
from settings_fields import Group
from workflows.presets import MONEY_CALL

LIVE: dict[str, Any] = {
    "mode": "external",
    "environment": "live",
    "database": {"url": "postgresql+asyncpg://db/bursar"},
    "temporal": {"address": "temporal:7233"},
}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in list(os.environ):
        if name.startswith("BURSAR_"):
            monkeypatch.delenv(name)


def knobs(group: type[Group] | type[Settings]) -> list[tuple[str, FieldInfo]]:
    found: list[tuple[str, FieldInfo]] = []
    for name, field in group.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            found += [(f"{name}.{inner}", knob) for inner, knob in knobs(kind)]
        else:
            found.append((name, field))
    return found


def test_every_knob_has_a_default_and_says_what_it_means():
    assert len(knobs(Settings)) > 60
    for name, knob in knobs(Settings):
        assert knob.description, name
        assert not knob.is_required(), name


def test_without_any_variable_everything_points_at_this_machine():
    settings = Settings()
    assert (settings.mode, settings.environment) == ("embedded", "sandbox")
    assert settings.temporal.address == "127.0.0.1:7233"
    assert settings.api.public_url == "http://127.0.0.1:8080"
    assert set(settings.rails) == {"epx", "chek", "column", "paypal"}
    assert settings.epx.inquiry_source == "report_file"
    assert settings.keyring_path == settings.data_dir / "keyring.json"


def test_chosen_ports_move_the_addresses_that_follow_from_them(monkeypatch):
    monkeypatch.setenv("BURSAR_SANDBOX__EPX_PORT", "19101")
    monkeypatch.setenv("BURSAR_SANDBOX__HOST", "sandbox")
    monkeypatch.setenv("BURSAR_API__PORT", "18080")
    settings = Settings(temporal={"ui_port": 18233})
    assert settings.epx.url == "http://sandbox:19101"
    assert settings.epx.report_url == "http://sandbox:19101/reports"
    assert settings.smtp.host == "sandbox"
    assert settings.api.public_url == "http://127.0.0.1:18080"
    assert settings.temporal.ui_url == "http://127.0.0.1:18233"


def test_what_is_given_stands(monkeypatch):
    monkeypatch.setenv("BURSAR_EPX__INQUIRY_SOURCE", "none")
    monkeypatch.setenv("BURSAR_EPX__URL", "http://127.0.0.1:5/")
    settings = Settings()
    assert (settings.epx.inquiry_source, settings.epx.url, settings.epx.cust_nbr) == (
        "none",
        "http://127.0.0.1:5",
        "7000",
    )


@pytest.mark.parametrize("name", ["BURSAR_ENVIROMENT", "BURSAR_EPX__ULR", "BURSAR_TEMPORAL_PORT"])
def test_a_misspelt_variable_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "secret-value-1")
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert "secret-value-1" not in str(refusal.value)


def test_live_points_at_nothing_that_was_not_given():
    settings = Settings(**LIVE)
    assert settings.rails == {}
    assert settings.epx.inquiry_source == "none"
    assert settings.smtp.encryption == "starttls"
    assert settings.sandbox.control_url == ""
    assert settings.chek.api_key.get_secret_value() == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mode": "embedded"}, "needs mode external"),
        ({"chek": {"url": "http://chek.example"}}, "https only: chek"),
        ({"epx": {"url": "https://epx.example", "cust_nbr": "1"}}, "four-part key"),
    ],
)
def test_live_refuses_what_is_not_for_real_money(change, reason):
    with pytest.raises(ValidationError, match=reason):
        Settings(**(LIVE | change))


def test_external_servers_must_be_named():
    with pytest.raises(ValidationError, match="BURSAR_DATABASE__URL"):
        Settings(mode="external")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"money_call": {"settle_deadline_seconds": 250}}, "more than the 300"),
        ({"epx": {"http_timeout_seconds": 120}}, "epx: send window"),
        ({"worker": {"graceful_shutdown_seconds": 30}}, "GRACEFUL_SHUTDOWN_SECONDS must be 190"),
        ({"childcare": {"time_zone": "Mars/Olympus"}}, "time zone"),
        ({"epx": {"url": "ftp://epx"}}, "must start with https"),
        ({"column": {"key_safe_days": 30}}, "less than or equal to 29"),
        ({"api": {"port": 70000}}, "65535"),
    ],
)
def test_values_that_cannot_work_are_refused_with_the_reason(change, reason):
    with pytest.raises(ValidationError, match=reason):
        Settings(**change)


def test_the_activity_that_a_money_call_must_fit_into_is_the_preset_one():
    timeout = MONEY_CALL["start_to_close_timeout"]
    assert timeout is not None
    assert timeout.total_seconds() == MONEY_CALL_ACTIVITY_SECONDS


def test_secrets_are_not_printed(monkeypatch):
    monkeypatch.setenv("BURSAR_COLUMN__API_KEY", "hush-hush-1")
    monkeypatch.setenv("BURSAR_DATABASE__URL", "postgresql+asyncpg://u:hush-hush-2@h/d")
    monkeypatch.setenv("BURSAR_API__PORT", "hush-hush-3")
    with pytest.raises(ValidationError) as refusal:
        Settings()
    monkeypatch.setenv("BURSAR_API__PORT", "80")
    assert "hush-hush" not in f"{Settings()!r} {Settings()} {refusal.value}"
