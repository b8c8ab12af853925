"""Routes of /v1, one file per noun; ROUTERS is the list that the application includes. A new noun adds its line."""

from fastapi import APIRouter

from api.routes.ach_account_changes import routes as ach_account_changes
from api.routes.ach_accounts import routes as ach_accounts
from api.routes.ach_authorizations import routes as ach_authorizations
from api.routes.ach_credits import routes as ach_credits
from api.routes.ach_debits import routes as ach_debits
from api.routes.ach_returns import routes as ach_returns
from api.routes.ach_transactions import routes as ach_transactions
from api.routes.ach_voids import routes as ach_voids
from api.routes.allocations import routes as allocations
from api.routes.approval_limits import routes as approval_limits
from api.routes.attendance import routes as attendance
from api.routes.care_days import routes as care_days
from api.routes.cases import routes as cases
from api.routes.compliance import routes as compliance
from api.routes.deposits import routes as deposits
from api.routes.expenses import routes as expenses
from api.routes.families import children
from api.routes.families import routes as families
from api.routes.lump_sums import routes as lump_sums
from api.routes.mails import routes as mails
from api.routes.merchants import routes as merchants
from api.routes.mileage_rates import routes as mileage_rates
from api.routes.money_calls import routes as money_calls
from api.routes.onboardings import routes as onboardings
from api.routes.pay_runs import routes as pay_runs
from api.routes.payees import routes as payees
from api.routes.payouts import routes as payouts
from api.routes.paypal_top_ups import routes as paypal_top_ups
from api.routes.programs import routes as programs
from api.routes.provider_payments import routes as provider_payments
from api.routes.providers import rates as payment_rates
from api.routes.providers import routes as providers
from api.routes.receipts import routes as receipts
from api.routes.reclaims import routes as reclaims
from api.routes.reimbursement_policy import routes as reimbursement_policy
from api.routes.reimbursements import routes as reimbursements
from api.routes.reports import routes as reports
from api.routes.return_rates import routes as return_rates
from api.routes.sandbox_clock import routes as sandbox_clock
from api.routes.webhook_endpoints import routes as webhook_endpoints
from api.routes.webhooks import routes as webhooks
from api.routes.wires import routes as wires

ROUTERS: list[APIRouter] = [
    merchants,
    ach_accounts,
    ach_authorizations,
    ach_debits,
    ach_credits,
    ach_voids,
    ach_transactions,
    ach_returns,
    ach_account_changes,
    return_rates,
    compliance,
    programs,
    families,
    children,
    providers,
    payment_rates,
    onboardings,
    allocations,
    care_days,
    lump_sums,
    attendance,
    provider_payments,
    pay_runs,
    reclaims,
    money_calls,
    mails,
    deposits,
    payees,
    reports,
    expenses,
    receipts,
    reimbursements,
    wires,
    payouts,
    paypal_top_ups,
    reimbursement_policy,
    approval_limits,
    mileage_rates,
    webhook_endpoints,
    webhooks,
    cases,
    sandbox_clock,
]
