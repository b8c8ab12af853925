"""What people ask of a flow through signals and updates: the same rule as the API's, audited as unverified."""

from collections.abc import Mapping

from temporalio import activity

from contracts.flow import COMMAND, CommandAnswer, FlowCommand
from db.engine import Database
from db.flows.base import FlowRow, FlowSteps
from db.queries import audit
from db.unit_of_work import UnitOfWork
from domain.errors import BursarError, StateConflict

PROPOSALS = frozenset({"resolve", "reverse"})
"""Asked without a login these settle nothing: they are put before an operator as a case."""
CASE_IS_OPEN = "A case is open: an operator decides through the API."


class FlowCommands:
    """Carries out commands that reached the workflow itself (Temporal web UI, `temporal` command)."""

    def __init__(self, database: Database, flows: Mapping[str, FlowSteps]) -> None:
        self._database = database
        self._flows = flows

    @activity.defn(name=COMMAND)
    async def command(self, asked: FlowCommand) -> CommandAnswer:
        """Yes, or why not; the attempt is audited either way, once.

        Temporal repeats it when its answer was lost, also the one of a commit: the audit row then says what became of
        it. Asking the flow anew would refuse what was carried out, or carry it out twice.
        """
        info = activity.info()
        request_id = f"run/{info.workflow_run_id}/activity/{info.activity_id}"
        flow = self._flows[asked.flow]
        async with self._database.unit_of_work(
            asked.organization_id, actor=f"unverified/{asked.came_by}", request_id=request_id
        ) as uow:
            try:
                # a repeat waits here for a first one that has not ended yet
                row = await flow.lock(uow, asked.flow_id)
                before = await audit.of_request(uow, asked.flow, asked.flow_id, request_id)
                if (why := before.get(f"flow.{asked.name}_refused")) is not None:
                    return CommandAnswer(accepted=False, **why)
                if f"flow.{asked.name}_asked" not in before:
                    async with uow.savepoint():
                        await _carry_out(uow, flow, row, asked)
            except BursarError as error:
                why = {"code": error.code, "message": error.message}
                await uow.audit(f"flow.{asked.name}_refused", asked.flow, asked.flow_id, why)
                return CommandAnswer(accepted=False, **why)
        return CommandAnswer(accepted=True, message=CASE_IS_OPEN if asked.name in PROPOSALS else None)


async def _carry_out(uow: UnitOfWork, flow: FlowSteps, row: FlowRow, asked: FlowCommand) -> None:
    detail = asked.ask.model_dump(mode="json", exclude_defaults=True) | {"verified": False}
    await uow.audit(f"flow.{asked.name}_asked", asked.flow, asked.flow_id, detail)
    if asked.name in PROPOSALS:
        await uow.open_case(
            f"{asked.name}_asked",
            asked.flow,
            asked.flow_id,
            f"Somebody without a login asks to {asked.name} this: an operator decides through the API",
            detail,
        )
    elif asked.name in flow.commands:
        await flow.command(uow, row, asked.name, asked.ask.model_dump(mode="json", exclude_none=True))
    else:
        raise StateConflict("not_offered", f"{asked.flow} has no {asked.name}.")
