"""`bursar builds`: releases of our workers side by side, and which of them begins new runs."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from temporalio.client import Client

app = typer.Typer(help="Deploy a release beside the one before.", no_args_is_help=True)
Result = TypeVar("Result")


@app.command(name="list")
def list_all() -> None:
    """Show the builds: which takes new runs, which still has runs of its own, which may go."""
    from rich.console import Console
    from rich.table import Table

    from activities.builds import builds

    table = Table("build", "stands", box=None)
    for build in _ask(builds):
        table.add_row(build.id, build.standing)
    Console().print(table)


@app.command()
def promote(build: Annotated[str, typer.Argument(help="BURSAR_WORKER__BUILD_ID of its workers; '' for none")]) -> None:
    """Have new runs begin on this build. Those under way stay with theirs."""
    from activities.builds import make_current

    _ask(lambda client, deployment: make_current(client, deployment, build))
    typer.echo(f"new runs begin on {build or 'workers without a build'}")


def _ask(question: "Callable[[Client, str], Awaitable[Result]]") -> Result:
    import asyncio

    from activities.house import keyring_of
    from activities.temporal import connect
    from cli.configuration import read_settings

    settings = read_settings()

    async def run() -> Result:
        return await question(await connect(settings.temporal, keyring_of(settings)), settings.worker.deployment)

    return asyncio.run(run())
