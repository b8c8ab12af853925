"""ACH steps on our own rows."""

from temporalio import activity

from contracts.ach import LOOK_AT_ENTRY, VERIFY_ACCOUNT, AccountStanding, EntryStanding
from contracts.flow import FlowInput
from db.engine import Database
from db.queries import ach as queries
from db.queries.feed import heard_until


class Ach:
    """Verification by the passing of clean banking days, and looking at an entry."""

    def __init__(self, database: Database, *, has_returns_feed: bool) -> None:
        self._database = database
        self._has_returns_feed = has_returns_feed

    @activity.defn(name=VERIFY_ACCOUNT)
    async def verify(self, flow: FlowInput) -> AccountStanding:
        """Verify the account if its day has come and nothing came back; say where it stands.

        That nothing came back is known only once the returns have been read up to that day.
        """
        async with self._database.unit_of_work(flow.organization_id, actor="flow/ach-account") as uow:
            row = await queries.get_account(uow, flow.id, lock=True)
            now = await uow.business_now()
            verification: str = row["verification_state"]
            due = row["verifies_at"] is not None and now >= row["verifies_at"]
            if due and self._has_returns_feed:
                async with self._database.across_organizations(actor="flow/ach-account") as all_events:
                    heard = await heard_until(all_events, "epx/returns", "epx")
                due = heard is not None and heard >= row["verifies_at"]
            if row["state"] == "stored" and verification == "submitted" and due:
                verification = "verified"
                await queries.change_account(uow, flow.id, "verified", verification_state=verification)
        return AccountStanding(
            state=row["state"], verification_state=verification, verifies_at=row["verifies_at"], business_now=now
        )

    @activity.defn(name=LOOK_AT_ENTRY)
    async def look(self, flow: FlowInput) -> EntryStanding:
        """Where the entry stands."""
        async with self._database.unit_of_work(flow.organization_id, actor="flow/ach-entry") as uow:
            row = await queries.get_transaction(uow, flow.id)
            return EntryStanding(ach_state=row["ach_state"], business_now=await uow.business_now())
