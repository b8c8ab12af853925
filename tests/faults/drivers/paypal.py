"""PayPal: a reimbursement, attacked at the batch. Its sender_batch_id makes a repeat safe: PayPal names what it has."""

from collections import Counter

from tests.faults.drivers.column import BOOK, ByAnotherMethod, ByMethod


class PayPalPayout(ByMethod):
    """PayPal's webhooks stay away, so that only the sender_batch_id helps."""

    name = "paypal-payout"
    partner = "paypal"
    operation = pays = "payouts.create"
    kind = "paypal"
    requests = (BOOK, ("paypal", "payouts.create"))

    async def prepare(self) -> None:
        """Money at PayPal, beside what every method needs."""
        known = self.kind in self.world.parts
        await super().prepare()
        if not known:
            await self.people.top_up(100_000_000)

    async def effects_of(self, amount: int) -> Counter[str]:
        """Column makes the book transfers, PayPal the payout."""
        return await super().effects_of(amount) + await self.world.effects("column", amount)


class PayPalPayoutByItself(ByAnotherMethod):
    """The batch as the first request of what is started."""

    name = "paypal-payout-by-itself"
    partner = "paypal"
    operation = pays = "payouts.create"
    kind = "paypal"

    async def prepare(self) -> None:
        """Money at PayPal, beside what every method needs."""
        known = self.name in self.world.parts
        await super().prepare()
        if not known:
            await self.people.top_up(100_000_000)
