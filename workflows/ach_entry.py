"""What the workflows of ACH entries share: hand the entry to the gateway, then follow it until the bank settles it."""

from contracts.ach import LOOK_AT_ENTRY, EntryStanding
from workflows.flow import Flow

ON_ITS_WAY = ("accepted", "originated")


class AchEntry(Flow):
    """Base of the entries' workflows. A return that comes after the end is the inbox's work, whenever it comes."""

    commands = frozenset({"retry", "cancel"})
    step_name = ""
    settles = True
    """Whether the bank settles it: not so for a void."""

    async def _story(self) -> str:
        self.show("submitting")
        await self.money_step(self.step_name)
        while True:
            standing = await self.look(LOOK_AT_ENTRY, EntryStanding)
            self.see_clock(standing.business_now)
            self.show(standing.ach_state)
            if not self.settles or standing.ach_state not in ON_ITS_WAY:
                return standing.ach_state
            await self.wait("the settlement report")
