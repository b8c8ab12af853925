"""One workflow class per file, deterministic; WORKFLOWS is the list that the worker registers."""

from workflows.ach_account import AchAccount
from workflows.ach_account_change import AchAccountChange
from workflows.ach_authorization import AchAuthorization, LastingAchAuthorization
from workflows.ach_credit import AchCredit
from workflows.ach_debit import AchDebit
from workflows.ach_return import AchReturn
from workflows.ach_void import AchVoid
from workflows.allocation import Allocation
from workflows.childcare_books import ChildcareBooks
from workflows.childcare_month import ChildcareMonth
from workflows.childcare_reminders import ChildcareReminders
from workflows.mail import Mail
from workflows.money_call_watch import MoneyCallWatch
from workflows.onboarding import Onboarding
from workflows.pay_run import PayRun
from workflows.payout_reconciliation import PayoutReconciliation
from workflows.payout_watch import PayoutWatch
from workflows.provider_payment import ProviderPayment
from workflows.provider_refresh import ProviderRefresh
from workflows.reclaim import Reclaim
from workflows.reimbursement import Reimbursement
from workflows.return_watch import ReturnWatch

WORKFLOWS: list[type] = [
    AchAccount,
    AchAuthorization,
    AchAccountChange,
    AchCredit,
    AchDebit,
    AchReturn,
    AchVoid,
    Allocation,
    ChildcareBooks,
    ChildcareMonth,
    ChildcareReminders,
    Mail,
    MoneyCallWatch,
    Onboarding,
    PayRun,
    PayoutReconciliation,
    PayoutWatch,
    ProviderPayment,
    ProviderRefresh,
    Reclaim,
    Reimbursement,
    ReturnWatch,
]

LASTING: dict[type, type] = {AchAuthorization: LastingAchAuthorization}
"""What stands in for a workflow where workers name their build (docs/runbooks/deploy.md)."""
