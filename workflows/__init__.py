"""One workflow class per file, deterministic; WORKFLOWS is the list that the worker registers."""

from workflows.ach_account import AchAccount
from workflows.ach_credit import AchCredit
from workflows.ach_debit import AchDebit
from workflows.ach_void import AchVoid
from workflows.allocation import Allocation
from workflows.money_call_watch import MoneyCallWatch
from workflows.provider_payment import ProviderPayment
from workflows.provider_refresh import ProviderRefresh
from workflows.reimbursement import Reimbursement

WORKFLOWS: list[type] = [
    AchAccount,
    AchCredit,
    AchDebit,
    AchVoid,
    Allocation,
    MoneyCallWatch,
    ProviderPayment,
    ProviderRefresh,
    Reimbursement,
]
