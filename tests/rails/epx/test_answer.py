"""What an answer of the gateway proves: only one that echoes our reference, with our amount wherever it names one."""

from datetime import UTC, datetime

import pytest

from domain.ids import new_id
from domain.money import Money
from domain.money_call import MoneyCall
from rails.epx.answer import classify

FORM = {"TRAN_NBR": "1000001", "BATCH_ID": "20261123", "AMOUNT": "150.00"}
SENT = datetime(2026, 11, 23, tzinfo=UTC)
ANSWER = {"AUTH_RESP": "00", "AUTH_RESP_TEXT": "ACCEPTED", "AUTH_GUID": "09LMQ886Z91PLYEVXRL", **FORM}


def call(operation: str = "CKC2", amount: int = 15_000) -> MoneyCall:
    """A request that was sent."""
    return MoneyCall(
        id=new_id(),
        organization_id=new_id(),
        flow="ach-debit",
        flow_id=new_id(),
        step="debit",
        ordinal=1,
        rail="epx",
        operation=operation,
        strategy="query",
        rail_reference=FORM["TRAN_NBR"],
        money=Money(amount, "USD"),
        state="sending",
        fencing_token=1,
        send_count=1,
        find_count=0,
        request=FORM,
        expectation={},
        evidence=(),
        first_sent_at=SENT,
        send_deadline=SENT,
        recorded_at=SENT,
        code=None,
        message=None,
        must_act=None,
        rail_id=None,
        returned_at=None,
        proposal_hash=None,
    )


def answer(**fields: str) -> bytes:
    """The gateway's XML; a field that is empty is left out."""
    told = {**ANSWER, **fields}
    listed = "".join(f'<FIELD KEY="{name}">{value}</FIELD>' for name, value in told.items() if value)
    return f"<RESPONSE><FIELDS>{listed}</FIELDS></RESPONSE>".encode()


@pytest.mark.parametrize(
    ("operation", "fields", "proves"),
    [
        ("CKC2", {"AUTH_AMOUNT": "150.00", "AUTH_AMOUNT_REQUESTED": "150.00"}, ("applied", "00")),
        ("CKC2", {"AUTH_AMOUNT": "100.00", "AUTH_AMOUNT_REQUESTED": "150.00"}, ("unknown", "other_amount")),
        ("CKS3", {"AUTH_AMOUNT": "150.00", "AUTH_AMOUNT_REQUESTED": "100.00"}, ("unknown", "other_amount")),
        ("CKC3", {"AUTH_AMOUNT": "150.000"}, ("unknown", "other_amount")),
        ("CKC2", {"AMOUNT": ""}, ("unknown", "other_amount")),
        ("CKCX", {"AUTH_AMOUNT": "0.00"}, ("applied", "00")),
        ("CKSX", {"AUTH_AMOUNT": "150.00"}, ("applied", "00")),
        ("CKCX", {"AMOUNT": "", "AUTH_GUID": ""}, ("applied", "00")),
        ("CKCX", {"AUTH_AMOUNT": "100.00"}, ("unknown", "other_amount")),
        ("CKC2", {"TRAN_NBR": "1000002"}, ("unknown", "other_reference")),
        ("CKC2", {"AUTH_GUID": ""}, ("unknown", "no_guid")),
        ("CKC2", {"AUTH_RESP": "51"}, ("refused", "51")),
        ("CKC2", {"AUTH_RESP": "91"}, ("unknown", "91")),
    ],
)
def test_less_than_a_whole_match_proves_nothing(
    operation: str, fields: dict[str, str], proves: tuple[str, str]
) -> None:
    outcome = classify(call(operation), FORM, 200, answer(**fields))
    assert (outcome.state, outcome.code) == proves
