"""Every knob of Bursar: its default, unit and meaning. Read from environment variables such as ``BURSAR_EPX__URL``.

Each group below is one prefix. In the sandbox environment the partners' addresses follow from the sandbox's host and
ports, so `Settings()` alone works; in the live environment everything that names a partner must be given.
"""

import os
from datetime import time
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from settings_fields import NO_SECRET, Group, MinorUnits, Port, RailSettings, Seconds, Text, TimeZone, Url
from settings_payout import PRETEND_PAYPAL, PayoutSettings, PayPalSettings
from settings_receipts import ReceiptSettings
from settings_worker import WorkerSettings

MONEY_CALL_ACTIVITY_SECONDS = 300
"""Start-to-close of a money call's activity (workflows/presets.py); a send and its settling must fit into it."""


class ApiSettings(Group):
    """BURSAR_API__…: the HTTP API."""

    host: Text = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8080, description="TCP port to listen on")
    public_url: Url = Field("", description="address as callers see it; empty: from host and port")
    body_limit_bytes: int = Field(1_000_000, ge=1_000, description="largest request body, bytes")
    rate_per_second: Seconds = Field(50, description="requests per second that one API key regains")
    rate_burst: int = Field(200, ge=1, description="requests that one API key may make at once")
    concurrent_requests: int = Field(64, ge=1, description="requests that one process serves at once; more: 503")
    idempotency_key_hours: int = Field(72, ge=1, description="hours for which an Idempotency-Key is remembered")
    longest_wait_seconds: Seconds = Field(30, description="most that `Prefer: wait` waits, seconds")


class DatabaseSettings(Group):
    """BURSAR_DATABASE__…: PostgreSQL."""

    url: SecretStr = Field(NO_SECRET, description="postgresql+asyncpg URL of bursar_app; embedded mode fills it in")
    owner_url: SecretStr = Field(NO_SECRET, description="the same for the owner, who migrates; embedded fills it in")
    port: Port = Field(54329, description="TCP port of the embedded server")
    pool_size: int = Field(10, ge=1, description="connections per process")
    statement_timeout_seconds: int = Field(30, ge=1, description="longest statement, seconds")


class TemporalSettings(Group):
    """BURSAR_TEMPORAL__…: the Temporal server, a cluster of your own or Temporal Cloud."""

    address: str = Field("", description="host:port; empty: the embedded server's")
    namespace: Text = Field("bursar", description="namespace")
    tls: bool = Field(default=False, description="use TLS; implied by an API key")
    tls_root_certificate: Path | None = Field(
        None, description="PEM file of the server's authority, if not a public one"
    )
    tls_client_certificate: Path | None = Field(None, description="PEM file of our certificate, for mutual TLS")
    tls_client_key: Path | None = Field(None, description="PEM file of its private key")
    api_key: SecretStr = Field(NO_SECRET, description="API key of Temporal Cloud")
    task_queue: Text = Field("bursar", description="task queue that our workers poll")
    port: Port = Field(7233, description="TCP port of the embedded server")
    ui_port: Port = Field(8233, description="TCP port of the embedded web UI")
    ui_url: Url = Field("", description="web UI for links in answers; empty: the embedded one's")


class KeyringSettings(Group):
    """BURSAR_KEYRING__…: encryption, fingerprint and signing keys. Losing them loses all stored bank details."""

    path: Path | None = Field(None, description="keyring file, mode 600; empty: keyring.json in the data folder")
    keys: SecretStr = Field(NO_SECRET, description="the keyring's JSON itself, instead of a file")


class MoneyCallSettings(Group):
    """BURSAR_MONEY_CALL__…: the timing of a request that moves money."""

    send_window_seconds: Seconds = Field(
        10, description="after `sending` is committed, how long the first byte may leave"
    )
    settle_deadline_seconds: Seconds = Field(120, description="how long a read answer is kept trying to be committed")
    find_first_seconds: Seconds = Field(2, description="pause before the rail is asked again what happened; doubles")
    find_longest_seconds: Seconds = Field(1800, description="longest such pause")
    watch_seconds: Seconds = Field(60, description="pause between looks at open calls whose flow no longer runs")
    watch_after_seconds: Seconds = Field(120, description="age from which an open call is looked at")


class LimitSettings(Group):
    """BURSAR_LIMITS__…: in minor units; those of a new merchant's ACH entries count debits and credits apart."""

    per_transaction: MinorUnits = Field(2_500_000, description="one debit, or one credit: 25,000.00")
    per_day: MinorUnits = Field(2_500_000, description="all debits, or all credits, of a merchant on one New York date")
    approver_per_day: MinorUnits = Field(2_500_000, description="reports that one operator may approve within 24 hours")


class AuthorizationSettings(Group):
    """BURSAR_AUTHORIZATION__…: recurring ACH debits under a customer's authorization."""

    notice_required: Literal["always", "variable", "never"] = Field(
        "variable", description="whose charges wait for a notice sent ten days before: variable amounts', all, or none"
    )
    catch_up_days: int = Field(
        5, ge=0, le=9, description="how many days late a charge is still made after downtime; later an operator decides"
    )


class ChildcareSettings(Group):
    """BURSAR_CHILDCARE__…: the subsidy programme."""

    time_zone: TimeZone = Field("America/Denver", description="zone of its business dates and week locks")
    cap: MinorUnits = Field(140_000, description="most per month allocation, payment and lump sum, minor units")
    funding_again_seconds: Seconds = Field(300, description="pause before what is proven undone is repeated; doubles")
    staff_mail: str = Field("", description="address that is told of returned payouts and stopped payments")
    children_per_provider: int = Field(2, ge=1, description="most children of a provider, unless a programme says")


class EpxSettings(RailSettings):
    """BURSAR_EPX__…: the card and ACH gateway (Server Post)."""

    cust_nbr: str = Field("", description="four-part key: sponsor")
    merch_nbr: str = Field("", description="four-part key: settle-to merchant")
    dba_nbr: str = Field("", description="four-part key: descriptor")
    terminal_nbr: str = Field("", description="four-part key: device")
    inquiry_source: Literal["none", "report_file"] = Field(
        "none", description="how a lost answer is found out: by a person, or in the daily report; sandbox: report_file"
    )
    report_url: Url = Field("", description="folder of the daily report files, for report_file")
    feed_url: Url = Field("", description="folder of the settlement and return feeds")
    feed_key: SecretStr = Field(NO_SECRET, description="X-API-Key of report and feeds")
    feed_poll_seconds: Seconds = Field(60, description="pause between looks at the feeds")
    cut_off: time = Field(
        time(17), description="wall-clock time on a banking day after which entries go out the next day"
    )
    cut_off_zone: TimeZone = Field("America/New_York", description="zone of the cut-off")
    drop_folder: Path | None = Field(None, description="folder where files of returns (*.csv) are dropped; empty: none")
    reinitiate_after_banking_days: int = Field(
        3, ge=1, le=30, description="banking days from a return for lack of funds to the next try of the debit"
    )
    rate_minimum_sample: int = Field(100, ge=1, description="debits in 60 days below which return rates say nothing")
    returns_watch_seconds: Seconds = Field(3600, description="pause between looks at return rates and due corrections")
    void_cut_off: time = Field(
        time(17), description="wall-clock time on the day of origination from which a debit is not voided, but refunded"
    )
    refund_before_settlement: bool = Field(
        False, description="whether a debit may be refunded before it settled; until then it can be voided"
    )
    verification_policy: Literal["prenote_wait", "gateway_accept", "external"] = Field(
        "prenote_wait",
        description="an account is verified on the 3rd clean banking day, at the gateway's 00, or by another validator",
    )


class ChekSettings(RailSettings):
    """BURSAR_CHEK__…: wallets, same-day ACH and virtual cards of the childcare programme."""

    account_id: str = Field("", description="account in the path of every request")
    api_key: SecretStr = Field(NO_SECRET, description="API-Key header")
    write_key: SecretStr = Field(NO_SECRET, description="Write-Key header of every POST")
    refusal_statuses: frozenset[int] = Field(frozenset({400, 401, 403, 404, 422}), description="nothing happened")
    payment_statuses: frozenset[str] = Field(
        frozenset({"pending", "processing", "submitted", "sent", "completed"}),
        description="statuses of a payment, in lower case, that mean that Chek took it in",
    )
    settled_statuses: frozenset[str] = Field(frozenset({"completed"}), description="those that a bank has")
    returned_statuses: frozenset[str] = Field(frozenset({"returned"}), description="those that a bank sent back")
    payout_watch_seconds: Seconds = Field(3600, description="pause between looks at what became of payouts")
    payout_overdue_days: int = Field(7, ge=1, description="days after which a payout that is not settled opens a case")
    payout_follow_days: int = Field(60, ge=1, description="days after settlement during which returns are looked for")
    readings_apart_seconds: Seconds = Field(60, description="between two readings; not below the settling delay")

    @model_validator(mode="after")
    def _lie_apart(self) -> Self:
        if self.readings_apart_seconds < self.settling_delay_seconds:
            raise ValueError("readings_apart_seconds must not be less than settling_delay_seconds")
        return self


class ColumnSettings(RailSettings):
    """BURSAR_COLUMN__…: the bank of the clearinghouse."""

    api_key: SecretStr = Field(NO_SECRET, description="password of basic authentication")
    webhook_secret: SecretStr = Field(NO_SECRET, description="key of the Column-Signature header")
    fs_main: str = Field("", description="bank account id of FS Main")
    fs_operating: str = Field("", description="bank account id of FS Operating, zero at the end of each report")
    account_number_id: str = Field("", description="account number that ACH transfers are sent from")
    company_name: str = Field("BURSAR", min_length=1, max_length=16, description="who pays, on the payee's statement")
    key_safe_days: int = Field(25, ge=1, le=29, description="days for which a request may be sent again under its key")


class SmtpSettings(Group):
    """BURSAR_SMTP__…: outgoing mail."""

    host: str = Field("", description="mail server; sandbox: the pretend mailbox")
    port: Port = Field(587, description="TCP port; sandbox: the pretend mailbox's")
    encryption: Literal["none", "starttls", "tls"] = Field("starttls", description="of the connection; sandbox: none")
    username: str = Field("", description="login; empty: none")
    password: SecretStr = Field(NO_SECRET, description="its password")
    sender: Text = Field("payments@bursar.example", description="From address")
    timeout_seconds: Seconds = Field(20, description="longest wait for the mail server")


class SandboxSettings(Group):
    """BURSAR_SANDBOX__…: the pretend partners, used in the sandbox environment only."""

    host: Text = Field("127.0.0.1", description="host where the partners are reached")
    control_port: Port = Field(9100, description="TCP port of the control API")
    epx_port: Port = Field(9101, description="TCP port of EPX")
    chek_port: Port = Field(9102, description="TCP port of Chek")
    column_port: Port = Field(9103, description="TCP port of Column")
    paypal_port: Port = Field(9104, description="TCP port of PayPal")
    mailbox_port: Port = Field(9125, description="TCP port of the mailbox (SMTP)")
    control_url: Url = Field("", description="control API; empty: from host and port")

    def address(self, port: int) -> str:
        """The web address of one partner."""
        return f"http://{self.host}:{port}"


class Settings(BaseSettings):
    """All knobs. Errors name the knob and never its value."""

    model_config = SettingsConfigDict(
        env_prefix="BURSAR_",
        env_nested_delimiter="__",
        hide_input_in_errors=True,
        validate_default=True,
        frozen=True,
        extra="forbid",
    )

    mode: Literal["embedded", "external"] = Field(
        "embedded", description="embedded: `bursar up` starts PostgreSQL and Temporal itself; external: they are given"
    )
    environment: Literal["sandbox", "live"] = Field("sandbox", description="pretend partners, or real ones")
    data_dir: Path = Field(
        Path(".bursar"), description="folder of the embedded servers, the keyring, receipts and logs"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least serious line that is logged"
    )

    api: ApiSettings = ApiSettings()
    database: DatabaseSettings = DatabaseSettings()
    temporal: TemporalSettings = TemporalSettings()
    worker: WorkerSettings = WorkerSettings()
    keyring: KeyringSettings = KeyringSettings()
    money_call: MoneyCallSettings = MoneyCallSettings()
    limits: LimitSettings = LimitSettings()
    authorization: AuthorizationSettings = AuthorizationSettings()
    childcare: ChildcareSettings = ChildcareSettings()
    epx: EpxSettings = EpxSettings()
    chek: ChekSettings = ChekSettings()
    column: ColumnSettings = ColumnSettings()
    paypal: PayPalSettings = PayPalSettings()
    payout: PayoutSettings = PayoutSettings()
    receipts: ReceiptSettings = ReceiptSettings()
    smtp: SmtpSettings = SmtpSettings()
    sandbox: SandboxSettings = SandboxSettings()

    @model_validator(mode="before")
    @classmethod
    def _refuse_misspelt_variables(cls, given: Any) -> Any:
        """BURSAR_ENVIROMENT=live must not quietly mean the sandbox."""
        groups = {
            name.removeprefix("BURSAR_").split("__")[0].lower() for name in os.environ if name.startswith("BURSAR_")
        }
        if misspelt := sorted(f"BURSAR_{name.upper()}" for name in groups - set(cls.model_fields)):
            raise ValueError(f"there is no setting {', '.join(misspelt)}")
        return given

    @model_validator(mode="before")
    @classmethod
    def _follow_from_the_ports(cls, given: Any) -> Any:
        """Fill in what follows from hosts and ports; what is given stands."""
        if not isinstance(given, dict):
            return given
        try:
            return _merged(_following(given), given)
        except ValidationError:
            # a knob of a group is wrong: its own check names it in full
            return given

    @model_validator(mode="after")
    def _make_sense(self) -> Self:
        if self.environment == "live":
            self._be_real()
        if self.mode == "external" and not (self.database.url.get_secret_value() and self.temporal.address):
            raise ValueError("mode external needs BURSAR_DATABASE__URL and BURSAR_TEMPORAL__ADDRESS")
        for name, rail in self.rails.items():
            busy = self.money_call.send_window_seconds + 2 * rail.http_timeout_seconds
            busy += self.money_call.settle_deadline_seconds
            if busy > MONEY_CALL_ACTIVITY_SECONDS:
                raise ValueError(
                    f"{name}: send window, twice the HTTP timeout and the settle deadline make {busy:g} seconds,"
                    f" more than the {MONEY_CALL_ACTIVITY_SECONDS} of a money call's activity"
                )
            if busy > self.worker.graceful_shutdown_seconds:
                raise ValueError(f"BURSAR_WORKER__GRACEFUL_SHUTDOWN_SECONDS must be {busy:g} or more for {name}")
        return self

    def _be_real(self) -> None:
        if self.mode == "embedded":
            raise ValueError("the live environment needs mode external: embedded servers are not for real money")
        plain = [name for name, rail in self.rails.items() if rail.url.startswith("http://")]
        plain += ["receipts"] if self.receipts.s3_url.startswith("http://") else []
        if plain:
            raise ValueError(f"live partners are reached over https only: {', '.join(plain)}")
        if self.epx.url and not all((self.epx.cust_nbr, self.epx.merch_nbr, self.epx.dba_nbr, self.epx.terminal_nbr)):
            raise ValueError("epx: the four-part key is incomplete")

    @property
    def rails(self) -> dict[str, RailSettings]:
        """The partners over HTTP by name, those without an address left out."""
        return {name: rail for name in ("epx", "chek", "column", "paypal") if (rail := getattr(self, name)).url}

    @property
    def keyring_path(self) -> Path:
        """The keyring's file, when its JSON is not given itself."""
        return self.keyring.path or self.data_dir / "keyring.json"


def _following(given: dict[str, Any]) -> dict[str, Any]:
    api = ApiSettings.model_validate(given.get("api", {}))
    follows: dict[str, Any] = {
        "api": {"public_url": f"http://{api.host}:{api.port}"},
        "receipts": {"folder": Path(given.get("data_dir", ".bursar")) / "receipts"},
    }
    if given.get("mode", "embedded") == "embedded":
        temporal = TemporalSettings.model_validate(given.get("temporal", {}))
        follows["temporal"] = {
            "address": f"127.0.0.1:{temporal.port}",
            "ui_url": f"http://127.0.0.1:{temporal.ui_port}",
        }
    if given.get("environment", "sandbox") == "sandbox":
        follows |= _pretend_partners(SandboxSettings.model_validate(given.get("sandbox", {})))
    return follows


def _pretend_partners(sandbox: SandboxSettings) -> dict[str, Any]:
    # public test values, which the sandbox accepts by default; they open nothing else
    epx = sandbox.address(sandbox.epx_port)
    return {
        "sandbox": {"control_url": sandbox.address(sandbox.control_port)},
        "epx": {
            "url": epx,
            "cust_nbr": "7000",
            "merch_nbr": "700010",
            "dba_nbr": "1",
            "terminal_nbr": "1",
            "inquiry_source": "report_file",
            "report_url": f"{epx}/reports",
            "feed_url": f"{epx}/feeds",
            "feed_key": "sandbox-epx-report-key",
            "feed_poll_seconds": 1,
            "settling_delay_seconds": 2,
        },
        "chek": {
            "url": sandbox.address(sandbox.chek_port),
            "account_id": "1",
            "api_key": "sandbox-chek-api-key",
            "write_key": "sandbox-chek-write-key",
            "settling_delay_seconds": 2,
            "readings_apart_seconds": 2,
        },
        "column": {
            "url": sandbox.address(sandbox.column_port),
            "api_key": "sandbox-column-api-key",
            "webhook_secret": "sandbox-column-webhook-secret",
            "fs_main": "bacc_fs_main",
            "fs_operating": "bacc_fs_operating",
            "account_number_id": "acno_fs_main",
            "settling_delay_seconds": 2,
        },
        "paypal": {"url": sandbox.address(sandbox.paypal_port), **PRETEND_PAYPAL},
        "smtp": {"host": sandbox.host, "port": sandbox.mailbox_port, "encryption": "none"},
    }


def _merged(defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for name, value in given.items():
        if isinstance(value, Group):
            value = value.model_dump(exclude_unset=True)  # noqa: PLW2901 - the same knobs in another form
        default = merged.get(name)
        merged[name] = _merged(default, value) if isinstance(default, dict) and isinstance(value, dict) else value
    return merged
