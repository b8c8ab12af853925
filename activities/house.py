"""Everything one process holds, built once from the settings: database, Temporal, rails and what works with them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from activities.inbox_evidence import InboxEvidence
from activities.inbox_store import InboxStore
from activities.money_call_find import Backoff, Finder
from activities.money_call_send import Sender
from activities.money_call_settle import Settler
from activities.temporal import connect
from activities.workflow_outbox import WorkflowOutbox
from db.crypto.keyring import Keyring
from db.crypto.keyring_file import read_keyring, read_or_create_keyring
from db.engine import Database
from db.flows import all_flows
from db.flows.base import FlowSteps
from db.queries.ach import next_tran_nbr
from rails import EVENT_READERS, open_rails
from rails.base import Rail
from settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """One per process. Nothing in it belongs to one request or one organization."""

    settings: Settings
    keyring: Keyring
    database: Database
    temporal: Client
    outbox: WorkflowOutbox
    flows: Mapping[str, FlowSteps]
    rails: Mapping[str, Rail]
    settler: Settler
    sender: Sender
    finder: Finder
    inbox: InboxStore


def keyring_of(settings: Settings) -> Keyring:
    """The keys: given themselves, or in a file; the embedded mode makes the file on its first start."""
    given = settings.keyring.keys.get_secret_value()
    if given:
        return Keyring.from_json(given)
    make = settings.mode == "embedded"
    return read_or_create_keyring(settings.keyring_path) if make else read_keyring(settings.keyring_path)


@asynccontextmanager
async def open_house(settings: Settings, *, for_worker: bool = False) -> AsyncIterator[House]:
    """Build it, and close the connections at the end of the block.

    A worker needs Temporal to be there; everybody else connects at the first call and lives without it until then.
    """
    keyring = keyring_of(settings)
    database = Database(
        settings.database.url.get_secret_value(),
        keyring,
        pool_size=settings.database.pool_size,
        statement_timeout_seconds=settings.database.statement_timeout_seconds,
    )

    async def new_tran_nbr() -> str:
        async with database.across_organizations(actor="rail/epx") as uow:
            return await next_tran_nbr(uow)

    async def business_now() -> datetime:
        async with database.across_organizations(actor="rail/column") as uow:
            return await uow.business_now()

    timing = settings.money_call
    try:
        async with open_rails(settings, new_tran_nbr=new_tran_nbr, business_now=business_now) as rails:
            client = await connect(settings.temporal, keyring, lazy=not for_worker)
            flows = all_flows(settings)
            settler = Settler(database, flows, deadline_seconds=timing.settle_deadline_seconds)
            sender = Sender(database, rails, settler, send_window_seconds=timing.send_window_seconds)
            yield House(
                settings=settings,
                keyring=keyring,
                database=database,
                temporal=client,
                outbox=WorkflowOutbox(
                    database,
                    client,
                    task_queue=settings.temporal.task_queue,
                    public_url=settings.api.public_url,
                ),
                flows=flows,
                rails=rails,
                settler=settler,
                sender=sender,
                finder=Finder(
                    database,
                    rails,
                    settler,
                    sender,
                    inbox=InboxEvidence(database, EVENT_READERS),
                    backoff=Backoff(timing.find_first_seconds, timing.find_longest_seconds),
                ),
                inbox=InboxStore(database),
            )
    finally:
        await database.close()
