"""Send one mail that was written with the fact it tells of: tried again for a day, of no consequence to the fact."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from contracts.mail import SEND, SendMail
from workflows import presets


@workflow.defn(name="mail")
class Mail:
    """Ends `sent`, or `not_sent` after a day; the mail's row says what the mail server said."""

    @workflow.run
    async def run(self, ask: SendMail) -> str:
        """Send it."""
        try:
            await workflow.execute_activity(SEND, ask, summary="send", **presets.MAIL)
        except ActivityError:
            return "not_sent"
        return "sent"
