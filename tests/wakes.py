"""How often a flow's run was told to look at its rows again."""

from uuid import UUID

from sqlalchemy import func, select

from db.engine import Database
from db.tables.event import workflow_outbox


async def wakes(database: Database, organization_id: UUID, workflow_id: str) -> int:
    """Of the run with this business key, since the beginning."""
    statement = select(func.count()).where(
        workflow_outbox.c.kind == "wake", workflow_outbox.c.workflow_id == workflow_id
    )
    async with database.unit_of_work(organization_id, actor="test") as uow:
        return int((await uow.connection.execute(statement)).scalar_one())
