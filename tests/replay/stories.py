"""What is recorded: mostly the story tests themselves, played once more with an eye on the runs in Temporal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.flows import test_ach_credits as credits_
from tests.flows import test_ach_returns as returns
from tests.flows import test_ach_stories as ach
from tests.flows import test_ach_voids as voids
from tests.flows.ach_authorizations import test_recurring as recurring
from tests.flows.childcare import test_calendar as calendar
from tests.flows.childcare import test_funded_again as funded_again
from tests.flows.childcare import test_in_doubt as chek_in_doubt
from tests.flows.childcare import test_mails as mails
from tests.flows.childcare import test_onboarding as onboarding
from tests.flows.childcare import test_pay_run as pay_runs
from tests.flows.childcare import test_paying as paying
from tests.flows.childcare import test_reclaim as reclaiming
from tests.flows.childcare import test_settlement as settlement
from tests.flows.childcare import test_shared_wallets as wallets
from tests.flows.childcare import test_stopped as stopped
from tests.flows.reimbursements import test_checks as checks
from tests.flows.reimbursements import test_commands as commands
from tests.flows.reimbursements import test_doubt as column_in_doubt
from tests.flows.reimbursements import test_paid as paid
from tests.flows.reimbursements import test_payout_failed as payout_failed
from tests.flows.reimbursements import test_paypal as paypal
from tests.flows.reimbursements import test_reconciliation as reconciliation
from tests.flows.reimbursements import test_reverse as reverse
from tests.flows.reimbursements import test_wires as wires
from tests.replay import deeds
from tests.replay.scenes import Scene, gateway, office, piano_school, town

Changes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Story:
    """`keeps` names the workflow types whose runs are stored; `changes` are settings by group.

    `temporal` are dynamic settings of the Temporal server, which then is one of the story's own.
    """

    name: str
    scene: Scene
    play: Callable[[Any], Awaitable[None]]
    keeps: tuple[str, ...]
    changes: Changes = field(default_factory=dict)
    temporal: Mapping[str, str] = field(default_factory=dict)


ACCOUNT, DEBIT, CREDIT, VOID = "ach-account", "ach-debit", "ach-credit", "ach-void"
RETURN, CHANGE, AUTHORIZATION = "ach-return", "ach-account-change", "ach-authorization"
ALLOCATION, PAYMENT, REFRESH = "allocation", "provider-payment", "provider-refresh"
RECLAIM, PAY_RUN, PAYOUT_WATCH, MAIL = "reclaim", "pay-run", "payout-watch", "mail"
ONBOARDING = "onboarding"
MONTH, REMINDERS, BOOKS = "childcare-month", "childcare-reminders", "childcare-books"
REIMBURSEMENT, WATCH, RETURN_WATCH = "reimbursement", "money-call-watch", "return-watch"
RECONCILIATION = "payout-reconciliation"

NEXT_DAY: Changes = {"epx": {"reinitiate_after_banking_days": 1}}
NOBODY_TO_ASK: Changes = {"epx": {"inquiry_source": "none"}}
SOON_LONG = {"limit.historyCount.suggestContinueAsNew": "60"}

STORIES = (
    Story(
        "verified-and-debited",
        gateway,
        ach.test_an_account_is_stored_verified_after_three_clean_banking_days_and_then_debited,
        (ACCOUNT, DEBIT),
    ),
    Story("prenote-declined", gateway, ach.test_a_declined_prenote_ends_as_failed_and_says_who_must_act, (ACCOUNT,)),
    Story("prenote-returned", gateway, ach.test_a_prenote_that_comes_back_is_never_verified, (ACCOUNT,)),
    Story("declined", gateway, ach.test_a_declined_debit_moves_nothing, (DEBIT,)),
    Story(
        "returned-after-settlement",
        gateway,
        ach.test_a_return_after_settlement_takes_the_money_back_and_disables_the_account,
        (DEBIT,),
    ),
    Story("gateway-away", gateway, ach.test_a_gateway_that_cannot_be_reached_delays_and_loses_nothing, (DEBIT,)),
    Story("answer-lost", gateway, ach.test_a_lost_answer_is_unknown_until_the_closed_report_tells, (DEBIT,)),
    Story("needs-person", gateway, deeds.two_persons_find_out, (DEBIT,), NOBODY_TO_ASK),
    Story("cancelled-in-temporal", gateway, deeds.cancelled_in_temporal, (DEBIT,)),
    Story("terminated-in-doubt", gateway, deeds.terminated_in_doubt, (DEBIT, WATCH, RETURN_WATCH)),
    Story("fresh-history", gateway, deeds.settles_beyond_a_long_history, (DEBIT,), temporal=SOON_LONG),
    Story(
        "voided",
        gateway,
        voids.test_a_void_takes_the_debit_back_before_it_goes_out_and_nothing_is_voided_twice,
        (DEBIT, VOID),
    ),
    Story("void-in-doubt", gateway, voids.test_a_void_in_doubt_blocks_refund_and_void_until_the_report_tells, (VOID,)),
    Story("paid-out", gateway, credits_.test_a_payout_leaves_cash_when_it_is_made_and_settles_at_the_bank, (CREDIT,)),
    Story("refund-returned", gateway, credits_.test_a_refund_that_comes_back_may_be_made_again, (CREDIT,)),
    Story(
        "refund-withdrawn",
        gateway,
        credits_.test_what_was_not_sent_yet_is_taken_back_when_the_debit_comes_back,
        (CREDIT,),
    ),
    Story(
        "sent-again",
        gateway,
        returns.test_a_debit_without_funds_is_sent_again_on_its_banking_day_and_then_settles,
        (DEBIT, RETURN),
        NEXT_DAY,
    ),
    Story("another-try-cancelled", gateway, deeds.another_try_is_cancelled, (RETURN,)),
    Story("corrected", gateway, returns.test_a_correction_is_applied_to_a_new_token_before_the_next_debit, (CHANGE,)),
    Story("correction-lost", gateway, deeds.a_correction_whose_answer_is_lost, (CHANGE,)),
    Story(
        "month", piano_school, recurring.test_from_the_first_charge_through_a_month_to_the_statement, (AUTHORIZATION,)
    ),
    Story(
        "cancelled-before-the-charge",
        piano_school,
        recurring.test_a_charge_that_waits_for_the_gateway_is_never_sent_after_the_cancellation,
        (AUTHORIZATION, DEBIT),
    ),
    Story(
        "single-and-paused",
        piano_school,
        recurring.test_the_api_asks_for_an_authorization_and_lists_them,
        (AUTHORIZATION,),
    ),
    Story("resumed-and-changed", piano_school, deeds.paused_resumed_and_changed, (AUTHORIZATION,)),
    Story("authorization-fresh-history", piano_school, deeds.charged_under_a_fresh_history, (AUTHORIZATION,)),
    Story("paid-by-ach", town, paying.test_care_days_are_paid_to_the_bank_account_in_two_steps, (ALLOCATION, PAYMENT)),
    Story("paid-to-card", town, paying.test_a_lump_sum_is_paid_to_the_card, (PAYMENT,)),
    Story(
        "method-inactive",
        town,
        stopped.test_a_method_that_is_not_active_stops_the_payment_before_any_money_moves,
        (PAYMENT,),
    ),
    Story(
        "payout-retried",
        town,
        stopped.test_a_payout_that_stopped_is_done_again_without_a_second_move_from_the_family,
        (PAYMENT,),
    ),
    Story(
        "payout-refused",
        town,
        stopped.test_a_payout_that_chek_refuses_is_done_again_under_the_next_ordinal,
        (PAYMENT,),
    ),
    Story(
        "other-method", town, stopped.test_a_stopped_payout_goes_on_by_the_method_that_the_provider_chooses, (PAYMENT,)
    ),
    Story(
        "cancelled",
        town,
        stopped.test_cancelling_before_money_moved_lets_the_days_be_paid_by_another_payment,
        (PAYMENT,),
    ),
    Story(
        "given-back",
        town,
        stopped.test_cancelling_after_the_money_moved_gives_it_back_to_the_childs_allocation,
        (PAYMENT,),
    ),
    Story("update-and-signal", town, stopped.test_retry_reaches_the_workflow_as_update_and_as_signal, (PAYMENT,)),
    Story(
        "payout-in-doubt",
        town,
        partial(
            chek_in_doubt.test_where_the_balances_cannot_tell_one_person_proposes_and_another_confirms,
            outcome="refused",
        ),
        (PAYMENT,),
    ),
    Story(
        "moved-by-others",
        town,
        wallets.test_money_that_others_moved_stops_the_payment_until_an_operator_has_it_booked,
        (PAYMENT,),
    ),
    Story(
        "wallet-busy",
        town,
        wallets.test_two_payments_to_one_provider_wait_for_the_wallet_and_both_are_paid,
        (PAYMENT,),
    ),
    Story(
        "funding-refused",
        town,
        stopped.test_a_funding_that_chek_refuses_leaves_the_allocation_visibly_unfunded,
        (ALLOCATION,),
    ),
    Story(
        "funding-lost",
        town,
        chek_in_doubt.test_an_allocation_that_chek_never_saw_is_unfunded_and_funded_by_a_retry,
        (ALLOCATION,),
    ),
    Story(
        "funded-again",
        town,
        partial(funded_again.test_an_allocation_that_chek_did_not_take_in_is_funded_by_itself_later, kind="cut_before"),
        (ALLOCATION,),
        {"childcare": {"funding_again_seconds": 0.5}},
    ),
    Story("reclaimed", town, reclaiming.test_what_a_month_did_not_use_goes_back_to_the_programme, (RECLAIM,)),
    Story(
        "reclaim-lost",
        town,
        reclaiming.test_a_reclaim_whose_answer_was_lost_is_found_in_the_wallet_and_not_done_twice,
        (RECLAIM,),
    ),
    Story(
        "reclaim-retried",
        town,
        reclaiming.test_a_reclaim_that_chek_never_saw_stops_and_is_done_once_by_a_retry,
        (RECLAIM,),
    ),
    Story(
        "one-user",
        town,
        onboarding.test_who_is_family_and_provider_shares_one_user_and_an_invitation_alone_is_no_method,
        (ONBOARDING,),
    ),
    Story(
        "user-lost",
        town,
        partial(
            onboarding.test_after_a_lost_answer_the_user_is_looked_for_before_anything_is_repeated,
            kind="cut_before",
            states=["stopped", "onboarded"],
        ),
        (ONBOARDING,),
    ),
    Story(
        "user-made-later",
        town,
        funded_again.test_a_user_whom_chek_did_not_make_is_made_by_itself_later,
        (ONBOARDING,),
        {"childcare": {"funding_again_seconds": 0.5}},
    ),
    Story(
        "onboarding-cancelled",
        town,
        onboarding.test_what_chek_refuses_and_what_cannot_be_known_is_a_persons_to_decide,
        (ONBOARDING,),
    ),
    Story(
        "paid-again",
        town,
        settlement.test_what_came_back_is_paid_again_from_the_wallet_it_came_back_to,
        (PAYMENT, PAYOUT_WATCH),
    ),
    Story("run-retried", town, pay_runs.test_one_bad_provider_delays_nobody_and_is_named, (PAY_RUN, PAYMENT)),
    Story("run-paused", town, pay_runs.test_a_paused_run_begins_nothing_until_it_is_resumed, (PAY_RUN, PAYMENT)),
    Story("run-cancelled", town, pay_runs.test_a_cancelled_run_leaves_the_rest_to_another_one, (PAY_RUN,)),
    Story(
        "run-fresh-history",
        town,
        pay_runs.test_one_bad_provider_delays_nobody_and_is_named,
        (PAY_RUN,),
        temporal=SOON_LONG,
    ),
    Story("mailed-late", town, mails.test_a_mail_server_that_is_away_delays_the_mail_and_never_the_payment, (MAIL,)),
    Story("month-allocated", town, calendar.test_every_enabled_child_gets_this_month_and_the_next_once, (MONTH,)),
    Story(
        "families-reminded",
        town,
        calendar.test_a_family_that_selected_nothing_for_next_week_is_reminded_once,
        (REMINDERS, MAIL),
    ),
    Story(
        "nightly-books",
        town,
        calendar.test_each_difference_that_stays_overnight_is_a_case_until_the_books_agree,
        (BOOKS,),
    ),
    Story("chek-away", town, chek_in_doubt.test_an_allocation_is_funded_by_itself_once_chek_is_back, (ALLOCATION,)),
    Story("refreshed", town, deeds.a_provider_is_read_once_chek_is_back, (REFRESH,)),
    Story("settled", office, paid.test_a_report_is_funded_paid_and_reimbursed_once_the_bank_says_so, (REIMBURSEMENT,)),
    Story(
        "account-refused",
        office,
        payout_failed.test_a_refused_account_asks_the_payee_and_another_method_is_paid,
        (REIMBURSEMENT,),
    ),
    Story(
        "returned-and-paid-again",
        office,
        payout_failed.test_a_returned_transfer_books_the_money_back_mails_the_true_reason_and_is_paid_again,
        (REIMBURSEMENT,),
    ),
    Story(
        "mail-server-away",
        office,
        payout_failed.test_a_mail_server_that_is_away_delays_the_mail_and_never_the_payment,
        (REIMBURSEMENT,),
    ),
    Story("method-by-update", office, commands.test_an_update_is_answered_with_yes_or_why_not, (REIMBURSEMENT,)),
    Story("retry-by-signal", office, commands.test_a_signal_retries_a_stuck_payout, (REIMBURSEMENT,)),
    Story(
        "reversal-proposed",
        office,
        commands.test_a_reversal_asked_without_a_login_is_only_proposed,
        (REIMBURSEMENT,),
    ),
    Story(
        "terminated",
        office,
        commands.test_a_terminated_run_goes_on_from_the_rows_when_it_is_woken,
        (REIMBURSEMENT,),
    ),
    Story("reversed", office, reverse.test_reverse_gives_the_money_back_by_inverse_book_transfers, (REIMBURSEMENT,)),
    Story(
        "reversal-cut",
        office,
        reverse.test_a_cut_in_the_middle_of_a_reversal_is_resumed_and_nothing_moves_twice,
        (REIMBURSEMENT,),
    ),
    Story(
        "reversal-refused",
        office,
        reverse.test_a_refused_reversal_waits_for_an_operator_and_goes_on_where_it_stopped,
        (REIMBURSEMENT,),
    ),
    Story(
        "cancelled-while-funding",
        office,
        reverse.test_cancel_before_the_transfer_is_handed_over_gives_back_what_was_booked,
        (REIMBURSEMENT,),
    ),
    Story(
        "transfer-in-doubt",
        office,
        column_in_doubt.test_a_lost_answer_is_sent_again_under_its_key_and_there_is_one_transfer,
        (REIMBURSEMENT,),
    ),
    Story(
        "check-stopped",
        office,
        checks.test_a_check_is_stopped_and_the_payout_is_paid_another_way,
        (REIMBURSEMENT,),
    ),
    Story(
        "check-undeliverable",
        office,
        checks.test_a_check_that_the_post_gives_back_is_in_the_way_until_it_is_stopped,
        (REIMBURSEMENT,),
    ),
    Story(
        "paypal-taken-back",
        office,
        paypal.test_a_paid_item_that_is_taken_back_is_reversed_only_then,
        (REIMBURSEMENT,),
    ),
    Story(
        "paypal-answer-lost",
        office,
        paypal.test_a_lost_answer_is_sent_again_and_paypal_names_the_batch_it_has,
        (REIMBURSEMENT,),
    ),
    Story(
        "wire-returned",
        office,
        wires.test_a_wire_that_comes_back_is_owed_again_once_two_persons_have_seen_it,
        (REIMBURSEMENT,),
    ),
    Story(
        "wire-refused",
        office,
        wires.test_a_wire_that_the_payee_must_mend_is_told_to_the_payee_and_reversed_otherwise,
        (REIMBURSEMENT,),
    ),
    Story(
        "webhooks-away",
        office,
        reconciliation.test_what_no_webhook_told_is_found_in_the_lists_and_webhooks_that_come_late_change_nothing,
        (RECONCILIATION,),
    ),
)
