"""The bank's customer: key, accounts, and where events go."""

from dataclasses import dataclass

from sandbox.notices import NoticeConfig


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
class ColumnConfig(NoticeConfig):
    api_key: str = "sandbox-column-api-key"
    bank_accounts: tuple[BankAccount, ...] = (FS_MAIN, FS_OPERATING)
    webhook_secret: str = "sandbox-column-webhook-secret"  # noqa: S105  # a public test value
