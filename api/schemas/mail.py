"""Mails in the API: that they were written and whether they went out, never to whom or with what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from api.fields import ResponseModel
from domain.ids import public_id
from domain.public_ids import subject_id

MailState = Literal["pending", "sent"]


class MailView(ResponseModel):
    """A mail; `last_error` names what the mail server did not like, in one word."""

    id: str
    template: str
    subject_kind: str
    subject_id: str
    state: MailState
    attempts: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


def mail_view(row: Mapping[Any, Any]) -> MailView:
    """A mail from its row."""
    return MailView(
        id=public_id("mail", row["id"]),
        subject_id=subject_id(row["subject_kind"], row["subject_id"]),
        **{
            name: row[name]
            for name in ("template", "subject_kind", "state", "attempts", "last_error", "created_at", "sent_at")
        },
    )
