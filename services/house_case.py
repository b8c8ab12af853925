"""Cases that belong to no organization: events, and transfers at a partner, whose owner nobody knows."""

from uuid import UUID

from db.engine import Database
from db.queries import case_file, inbox
from domain.errors import InvalidInput, StateConflict


async def close_house_case(database: Database, case_id: UUID, resolution: str, *, actor: str) -> None:
    """Close it, and have the event that it is about ignored from here on: else the case would be opened again.

    Raises:
        InvalidInput: nothing is said about what was done.
        NotFound: there is no such case.
        StateConflict: it is closed already, or an organization's: its operators close that.
    """
    if not resolution.strip():
        raise InvalidInput("resolution", "Say what was found out and done.")
    async with database.across_organizations(actor=actor) as uow:
        row = await case_file.get(uow, case_id)
        if row["organization_id"] is not None:
            raise StateConflict("not_of_the_house", "The case is an organization's: its operators close it.")
        await case_file.close(uow, case_id, None, resolution)
        if row["subject_kind"] == "inbox_event":
            await inbox.ignore(uow, UUID(row["subject_id"]), resolution)
