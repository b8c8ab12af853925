"""Mail as workflows ask for it: by id, never by content."""

from uuid import UUID

from pydantic import BaseModel

SEND = "mail.send"


class SendMail(BaseModel):
    """Send one written mail, if it is not sent yet; or once more although it is, because a person asked (`again`)."""

    organization_id: UUID
    mail_id: UUID
    again: bool = False
