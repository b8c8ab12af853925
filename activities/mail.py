"""Send written mail over SMTP. What becomes of a mail never changes what becomes of a payment."""

import aiosmtplib
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.mail_message import message
from contracts.mail import SEND, SendMail
from db.engine import Database
from db.queries import mail as queries
from settings import SmtpSettings


class Mail:
    """One instance per process. A mail that was taken by the server and not marked (a crash) goes out once more."""

    def __init__(self, database: Database, settings: SmtpSettings) -> None:
        self._database = database
        self._settings = settings

    @activity.defn(name=SEND)
    async def send(self, ask: SendMail) -> None:
        """Send the mail unless it is sent; also then when a person asked for it again.

        A server that does not take it is a retryable error without an address.
        """
        async with self._database.unit_of_work(ask.organization_id, actor="mail") as uow:
            letter = await queries.read(uow, ask.mail_id)
        if letter.sent and not ask.again:
            return
        settings = self._settings
        try:
            await aiosmtplib.send(
                message(letter, settings.sender),
                hostname=settings.host,
                port=settings.port,
                username=settings.username or None,
                password=settings.password.get_secret_value() or None,
                start_tls=settings.encryption == "starttls",
                use_tls=settings.encryption == "tls",
                timeout=settings.timeout_seconds,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            why = type(error).__name__
            async with self._database.unit_of_work(ask.organization_id, actor="mail") as uow:
                await queries.not_sent(uow, ask.mail_id, why)
            raise ApplicationError(f"The mail server did not take the mail ({why}).", type="mail_not_sent") from None
        async with self._database.unit_of_work(ask.organization_id, actor="mail") as uow:
            await queries.sent(uow, letter)
