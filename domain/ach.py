"""The life of one ACH entry at a gateway, as data: which event leads from which state to which.

A return may come before settlement or up to sixty days after it (R06 and R31 later still): `settled` is not the end.
`voided` takes no return: if the bank returns an entry that the gateway called voided, that is a case for a person.
"""

from enum import StrEnum

from domain.errors import StateConflict


class AchState(StrEnum):
    """Where the entry is. `accepted` means taken in by the gateway, not paid."""

    CREATED = "created"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"
    CANCELED = "canceled"
    VOIDED = "voided"
    ORIGINATED = "originated"
    SETTLED = "settled"
    RETURNED = "returned"
    DISHONORED = "dishonored"
    CONTESTED = "contested"


CAME_BACK = (AchState.RETURNED, AchState.DISHONORED, AchState.CONTESTED)
"""A return stands; dishonored and contested are messages about it that move no money."""
UNDER_WAY = (AchState.CREATED, AchState.SUBMITTING, AchState.UNKNOWN, AchState.ACCEPTED, AchState.ORIGINATED)
"""Its workflow still has something to do for it, or to wait for."""


class AchEvent(StrEnum):
    """What happened to it."""

    SUBMIT = "submit"
    NOT_SENT = "not_sent"
    CANCEL = "cancel"
    ACCEPT = "accept"
    DECLINE = "decline"
    LOSE_ANSWER = "lose_answer"
    NOT_FIND = "not_find"
    VOID = "void"
    ORIGINATE = "originate"
    SETTLE = "settle"
    RETURN = "return"
    DISHONOR = "dishonor"
    CONTEST = "contest"


TRANSITIONS: dict[tuple[AchState, AchEvent], AchState] = {
    (AchState.CREATED, AchEvent.SUBMIT): AchState.SUBMITTING,
    (AchState.CREATED, AchEvent.CANCEL): AchState.CANCELED,
    (AchState.SUBMITTING, AchEvent.NOT_SENT): AchState.CREATED,
    (AchState.SUBMITTING, AchEvent.ACCEPT): AchState.ACCEPTED,
    (AchState.SUBMITTING, AchEvent.DECLINE): AchState.DECLINED,
    (AchState.SUBMITTING, AchEvent.LOSE_ANSWER): AchState.UNKNOWN,
    (AchState.UNKNOWN, AchEvent.ACCEPT): AchState.ACCEPTED,
    (AchState.UNKNOWN, AchEvent.DECLINE): AchState.DECLINED,
    (AchState.UNKNOWN, AchEvent.NOT_FIND): AchState.NOT_FOUND,
    (AchState.ACCEPTED, AchEvent.VOID): AchState.VOIDED,
    (AchState.ACCEPTED, AchEvent.ORIGINATE): AchState.ORIGINATED,
    (AchState.ACCEPTED, AchEvent.SETTLE): AchState.SETTLED,
    (AchState.ACCEPTED, AchEvent.RETURN): AchState.RETURNED,
    (AchState.ORIGINATED, AchEvent.SETTLE): AchState.SETTLED,
    (AchState.ORIGINATED, AchEvent.RETURN): AchState.RETURNED,
    (AchState.SETTLED, AchEvent.RETURN): AchState.RETURNED,
    (AchState.RETURNED, AchEvent.DISHONOR): AchState.DISHONORED,
    (AchState.DISHONORED, AchEvent.CONTEST): AchState.CONTESTED,
}
"""Every step there is. A gateway that reports settlement without origination is believed."""


class AchStatus(StrEnum):
    """The coarse view beside the state: what the gateway's answer alone tells."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    FAILED = "failed"


_STATUS = dict.fromkeys(AchState, AchStatus.APPROVED) | {
    AchState.CREATED: AchStatus.PENDING,
    AchState.SUBMITTING: AchStatus.PENDING,
    AchState.UNKNOWN: AchStatus.PENDING,
    AchState.DECLINED: AchStatus.DECLINED,
    AchState.NOT_FOUND: AchStatus.FAILED,
    AchState.CANCELED: AchStatus.FAILED,
}


def advance(state: AchState, event: AchEvent) -> AchState:
    """The state after the event, or StateConflict when the event cannot happen in this state."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise StateConflict("ach_state_conflict", f"An entry that is {state} cannot {event}.") from None


def status(state: AchState) -> AchStatus:
    """The coarse status. `failed` is only what certainly had no effect: never sent, or proven absent at the gateway."""
    return _STATUS[state]
