"""The surroundings in which stories play: those of the story tests, which are fixtures there."""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import tests.flows.ach_authorizations.conftest as authorizations
import tests.flows.childcare.conftest as childcare
import tests.flows.reimbursements.conftest as reimbursements
from sandbox.runner import SandboxRunner
from settings import Settings
from tests.flows.ach_authorizations.payers import Payers
from tests.flows.childcare.town import Town
from tests.flows.reimbursements.people import People
from tests.system import System, open_system

Scene = Callable[[Settings, SandboxRunner], AbstractAsyncContextManager[tuple[System, Any]]]


@asynccontextmanager
async def gateway(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[tuple[System, System]]:
    """Nothing but the system."""
    async with open_system(settings, sandbox) as system:
        yield system, system


@asynccontextmanager
async def piano_school(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[tuple[System, Payers]]:
    """A merchant and a payer."""
    async with open_system(settings, sandbox) as system:
        yield system, await inspect.unwrap(authorizations.payers)(system)


@asynccontextmanager
async def town(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[tuple[System, Town]]:
    """Families, children and providers."""
    settings = inspect.unwrap(childcare.settings)(settings)
    async with open_system(settings, sandbox) as system, _fixture(childcare.town)(system) as founded:
        yield system, founded


@asynccontextmanager
async def office(settings: Settings, sandbox: SandboxRunner) -> AsyncIterator[tuple[System, People]]:
    """People with reports, and a bank whose events come in."""
    async with (
        _fixture(reimbursements.system)(settings, sandbox) as system,
        _fixture(reimbursements.people)(system) as people,
    ):
        yield system, people


def _fixture(function: Any) -> Callable[..., AbstractAsyncContextManager[Any]]:
    return asynccontextmanager(inspect.unwrap(function))
