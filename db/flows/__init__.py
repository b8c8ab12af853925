"""The flows' money steps by name. A new flow adds one line."""

from collections.abc import Mapping

from db.flows.ach_account import AchAccountSteps
from db.flows.ach_account_change import AchAccountChangeSteps
from db.flows.ach_authorization import AchAuthorizationSteps
from db.flows.ach_authorization_charge import ChargeTerms
from db.flows.ach_credit import AchCreditSteps
from db.flows.ach_debit import AchDebitSteps
from db.flows.ach_reinitiation import AchReturnSteps
from db.flows.ach_return import AchReturns
from db.flows.ach_steps import AchTerms
from db.flows.ach_void import AchVoidSteps
from db.flows.allocation import AllocationSteps
from db.flows.base import FlowSteps
from db.flows.onboarding import OnboardingSteps
from db.flows.pay_run import PayRunSteps
from db.flows.provider_payment import ProviderPaymentSteps
from db.flows.reclaim import ReclaimSteps
from db.flows.reimbursement import ReimbursementSteps
from domain.column_transfer import BankAccounts
from settings import Settings


def all_flows(settings: Settings) -> Mapping[str, FlowSteps]:
    """Every flow's money steps."""
    allocations, payments = AllocationSteps(), ProviderPaymentSteps(settings.childcare.staff_mail)
    flows: list[FlowSteps] = [
        AchAccountSteps(cut_off=settings.epx.cut_off),
        AchAccountChangeSteps(),
        AchReturnSteps(),
        AchAuthorizationSteps(settings.authorization.notice_required),
        AchDebitSteps(ach_terms(settings)),
        AchCreditSteps(ach_terms(settings)),
        AchVoidSteps(ach_terms(settings)),
        allocations,
        payments,
        OnboardingSteps(allocations, payments),
        PayRunSteps(payments),
        ReclaimSteps(),
        reimbursement_steps(settings),
    ]
    return {flow.flow: flow for flow in flows}


def ach_terms(settings: Settings) -> AchTerms:
    """What the settings say about ACH entries."""
    epx = settings.epx
    return AchTerms(epx.cut_off, epx.void_cut_off, epx.refund_before_settlement)


def ach_returns(settings: Settings) -> AchReturns:
    """What returns do, as the settings say."""
    return AchReturns(pause_banking_days=settings.epx.reinitiate_after_banking_days)


def charge_terms(settings: Settings) -> ChargeTerms:
    """What the settings say about recurring charges."""
    return ChargeTerms(settings.authorization.notice_required, settings.authorization.catch_up_days)


def reimbursement_steps(settings: Settings) -> ReimbursementSteps:
    """The flow `reimbursement` between the configured bank accounts."""
    column = settings.column
    return ReimbursementSteps(
        BankAccounts(column.fs_main, column.fs_operating, column.account_number_id, column.company_name),
        by_hand_banking_days=settings.payout.by_hand_banking_days,
    )
