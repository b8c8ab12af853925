"""Play every story and prove the books at the end."""

import asyncio
from collections.abc import Callable, Sequence

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from activities.house import keyring_of
from cli.configuration import with_database
from cli.demo import ach, childcare, reimbursement
from cli.demo.client import DemoClient
from cli.demo.proof import prove
from cli.demo.report import Story, show
from cli.demo.stage import Stage
from db.engine import Database
from domain.errors import StateConflict
from domain.ids import new_id
from services.api_keys import create_key
from services.operators import add_operator, organization_named
from settings import Settings

ORGANIZATION = "Riverside Programmes"
OPERATORS = ("Ada", "Grace")
STORIES: Sequence[tuple[str, Callable[[Stage], Story]]] = (
    ("store an ACH account and debit it", ach.play),
    ("pay a childcare provider", childcare.play),
    ("reimburse a person", reimbursement.play),
)


def play_all(settings: Settings, console: Console) -> bool:
    """Play, print and prove; false when a book disagrees."""
    settings = with_database(settings)
    secret, other_secret = asyncio.run(_api_keys(settings))
    tag = new_id().hex[-6:]
    told: list[Story] = []
    with (
        _client(settings.api.public_url, Authorization=f"Bearer {secret}") as api,
        _client(settings.api.public_url, Authorization=f"Bearer {other_secret}") as other_api,
        _client(settings.sandbox.control_url) as control,
        _client(
            f"{settings.chek.url}/api/v1/account/{settings.chek.account_id}/",
            **{
                "API-Key": settings.chek.api_key.get_secret_value(),
                "Write-Key": settings.chek.write_key.get_secret_value(),
            },
        ) as chek,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
        ) as progress,
    ):
        task = progress.add_task("playing", total=len(STORIES) + 1)
        stage = Stage(DemoClient(api, control, chek), DemoClient(other_api, control, chek), tag)
        for title, play in STORIES:
            progress.update(task, description=title)
            told.append(play(stage))
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
    console.print(f"\nAn API key to try it yourself, as ada@bursar.example: [bold]{secret}[/]", soft_wrap=True)
    return proof.sound and all(story.agrees for story in told)


def _client(base_url: str, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False)


async def _api_keys(settings: Settings) -> tuple[str, str]:
    """The demo's organization, its two operators, and a fresh key for each."""
    database = Database(settings.database.url.get_secret_value(), keyring_of(settings), pool_size=2)
    try:
        first, second = [await _api_key(database, name) for name in OPERATORS]
    finally:
        await database.close()
    return first, second


async def _api_key(database: Database, name: str) -> str:
    email = f"{name.lower()}@bursar.example"
    try:
        added = await add_operator(database, organization=ORGANIZATION, name=name, email=email, actor="bursar demo")
        organization_id = added.organization_id
    except StateConflict:  # a demo was played here before
        organization_id = await organization_named(database, ORGANIZATION, actor="bursar demo")
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
    return made.secret
