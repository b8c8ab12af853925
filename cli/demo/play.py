"""Play every story and prove the books at the end."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from activities.house import keyring_of
from cli.configuration import with_database
from cli.demo import ach
from cli.demo.client import DemoClient
from cli.demo.proof import prove
from cli.demo.report import Story, show
from db.engine import Database
from domain.errors import StateConflict
from domain.ids import new_id
from services.api_keys import create_key
from services.operators import add_operator, organization_named
from settings import Settings

ORGANIZATION = "Riverside Programmes"
STORIES: Sequence[tuple[str, Callable[[DemoClient, str], Story]]] = (("store an ACH account and debit it", ach.play),)


def play_all(settings: Settings, console: Console) -> bool:
    """Play, print and prove; false when a book disagrees."""
    settings = with_database(settings)
    secret = asyncio.run(_api_key(settings))
    tag = new_id().hex[-6:]
    told: list[Story] = []
    headers = {"Authorization": f"Bearer {secret}"}
    with (
        httpx.Client(base_url=settings.api.public_url, headers=headers, timeout=60, trust_env=False) as api,
        httpx.Client(base_url=settings.sandbox.control_url, timeout=60, trust_env=False) as control,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
        ) as progress,
    ):
        task = progress.add_task("playing", total=len(STORIES) + 1)
        bursar = DemoClient(api, control)
        for title, play in STORIES:
            progress.update(task, description=title)
            told.append(play(bursar, tag))
            progress.advance(task)
        progress.update(task, description="proving the books")
        proof = asyncio.run(prove(settings))
        progress.advance(task)
        progress.update(task, description="played")
    console.print()
    for story in told:
        show(story, console)
    for line in proof.lines:
        console.print(line, highlight=False)
    console.print(
        f"\nAn API key for trying it yourself (operator demo@bursar.example): [bold]{secret}[/]", soft_wrap=True
    )
    return proof.sound and all(story.agrees for story in told)


async def _api_key(settings: Settings) -> str:
    """The demo's organization, its operator, and a fresh key."""
    database = Database(settings.database.url.get_secret_value(), keyring_of(settings), pool_size=2)
    email = "demo@bursar.example"
    try:
        organization_id = await _organization(database, email)
        made = await create_key(
            database,
            organization_id,
            operator_email=email,
            name="demo",
            scopes=["*"],
            live=False,
            expires_in=None,
            actor="bursar demo",
        )
    finally:
        await database.close()
    return made.secret


async def _organization(database: Database, email: str) -> UUID:
    try:
        added = await add_operator(database, organization=ORGANIZATION, name="Demo", email=email, actor="bursar demo")
    except StateConflict:  # a demo was played here before
        return await organization_named(database, ORGANIZATION, actor="bursar demo")
    return added.organization_id
