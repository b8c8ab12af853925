"""PayPal: a reimbursement, attacked at the batch. Its sender_batch_id makes a repeat safe: PayPal names what it has."""

from tests.faults.drivers.column import ByMethod


class PayPalPayout(ByMethod):
    """PayPal's webhooks stay away, so that only the sender_batch_id helps."""

    name = "paypal-payout"
    partner = "paypal"
    operation = "payouts.create"
    kind = "paypal"

    async def prepare(self) -> None:
        """Money at PayPal, beside what every method needs."""
        known = self.kind in self.world.parts
        await super().prepare()
        if not known:
            await self.people.top_up(100_000_000)
