"""The bank's customer: key, accounts, and where events go."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BankAccount:
    """``opening_balance`` is cents and is given once, when the books are new."""

    id: str
    account_number_id: str
    description: str
    opening_balance: int = 0


FS_MAIN = BankAccount("bacc_fs_main", "acno_fs_main", "FS Main")
FS_OPERATING = BankAccount("bacc_fs_operating", "acno_fs_operating", "FS Operating")


@dataclass
class ColumnConfig:
    """Mutable on purpose: the control server changes where and how events are told."""

    api_key: str = "sandbox-column-api-key"
    bank_accounts: tuple[BankAccount, ...] = (FS_MAIN, FS_OPERATING)
    webhook_url: str | None = None
    webhook_secret: str = "sandbox-column-webhook-secret"  # noqa: S105  # a public test value
    hold_webhooks: bool = False
    webhook_delay_ms: int = 20  # a webhook usually comes after the answer; the fault webhook_first turns that round
    webhook_retry_ms: int = 100  # the first pause; each further one is twice as long, up to two seconds
    webhook_attempts: int = 25
