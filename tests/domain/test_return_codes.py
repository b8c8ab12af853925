"""Return and change codes carry the rules of what may be done next."""

import pytest

from domain.return_codes import change_code, change_codes, return_code, return_codes


def test_every_assigned_code_is_there_and_no_other():
    assert len(return_codes()) == 70
    assert len(change_codes()) == 23
    assert "R48" not in return_codes()
    assert all(code == row.code and row.known for code, row in return_codes().items())


def test_only_insufficient_and_uncollected_funds_may_be_sent_again_twice():
    again = {code: row.max_reinitiations for code, row in return_codes().items() if row.retryable}
    assert again == {"R01": 2, "R09": 2}


@pytest.mark.parametrize("code", ["R02", "R03", "R04"])
def test_a_bad_account_disables_everything_on_it(code):
    row = return_code(code)
    assert (row.category, row.disables_account, row.disable_scope, row.deadline_banking_days) == (
        "administrative",
        True,
        "all",
        2,
    )


def test_the_unauthorized_rate_counts_six_codes():
    unauthorized = {code for code, row in return_codes().items() if row.category == "unauthorized"}
    assert unauthorized == {"R05", "R07", "R10", "R11", "R29", "R51"}


def test_a_consumer_claim_has_sixty_calendar_days_and_a_stop_ends_no_authorization():
    assert return_code("R10").deadline_banking_days is None
    assert return_code("R10").deadline_calendar_days == 60
    assert return_code("R10").authorization_revoked
    assert not return_code("R08").authorization_revoked


def test_an_unknown_code_is_neither_sent_again_nor_ignored():
    row = return_code("R99")
    assert (row.known, row.retryable, row.disables_account, row.remedy) == (False, False, True, "review")
    assert not change_code("C99").applied_automatically


def test_a_change_names_the_fields_that_it_corrects():
    assert change_code("C03").corrected_fields == ("routing_number", "account_number")
    assert change_code("C07").corrected_fields == ("routing_number", "account_number", "account_type")
    assert not change_code("C04").applied_automatically
