"""An ACH entry goes only where the rules let it, and its coarse status follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ach import TRANSITIONS, AchEvent, AchState, AchStatus, advance, status
from domain.errors import StateConflict

FINAL = {
    AchState.DECLINED,
    AchState.NOT_FOUND,
    AchState.CANCELED,
    AchState.VOIDED,
    AchState.CONTESTED,
}


def life(*events: AchEvent) -> list[AchState]:
    states = [AchState.CREATED]
    for event in events:
        states.append(advance(states[-1], event))
    return states


def test_a_good_debit_is_accepted_originated_and_settled():
    states = life(AchEvent.SUBMIT, AchEvent.ACCEPT, AchEvent.ORIGINATE, AchEvent.SETTLE)
    assert states == [
        AchState.CREATED,
        AchState.SUBMITTING,
        AchState.ACCEPTED,
        AchState.ORIGINATED,
        AchState.SETTLED,
    ]
    assert [status(state) for state in states] == [AchStatus.PENDING] * 2 + [AchStatus.APPROVED] * 3


@pytest.mark.parametrize("before", [AchState.ACCEPTED, AchState.ORIGINATED, AchState.SETTLED])
def test_a_return_may_come_at_any_time_after_acceptance(before):
    assert advance(before, AchEvent.RETURN) is AchState.RETURNED


def test_a_return_can_be_dishonored_and_that_contested():
    assert advance(advance(AchState.RETURNED, AchEvent.DISHONOR), AchEvent.CONTEST) is AchState.CONTESTED


@pytest.mark.parametrize("state", [AchState.ORIGINATED, AchState.SETTLED, AchState.UNKNOWN, AchState.VOIDED])
def test_only_an_accepted_entry_can_be_voided(state):
    with pytest.raises(StateConflict) as refusal:
        advance(state, AchEvent.VOID)
    assert refusal.value.code == "ach_state_conflict"


def test_a_lost_answer_is_pending_until_it_is_found_out():
    lost = life(AchEvent.SUBMIT, AchEvent.LOSE_ANSWER)[-1]
    assert status(lost) is AchStatus.PENDING
    assert {status(advance(lost, event)) for event in (AchEvent.ACCEPT, AchEvent.DECLINE, AchEvent.NOT_FIND)} == {
        AchStatus.APPROVED,
        AchStatus.DECLINED,
        AchStatus.FAILED,
    }


def test_a_lost_answer_is_never_sent_again_from_its_own_state():
    assert (AchState.UNKNOWN, AchEvent.SUBMIT) not in TRANSITIONS
    assert (AchState.UNKNOWN, AchEvent.NOT_SENT) not in TRANSITIONS


def test_only_the_final_states_lead_nowhere():
    assert set(AchState) - {state for state, _ in TRANSITIONS} == FINAL


def test_every_state_can_be_reached():
    assert set(TRANSITIONS.values()) | {AchState.CREATED} == set(AchState)


@given(st.sampled_from(AchState), st.sampled_from(AchEvent))
def test_a_step_is_in_the_table_or_refused(state, event):
    if (state, event) in TRANSITIONS:
        assert advance(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(StateConflict):
            advance(state, event)
