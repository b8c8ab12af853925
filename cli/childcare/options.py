"""What the commands have in common: the operator's key, the API's address, and how a command ends."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.childcare.api import Api

KeyFile = Annotated[Path, typer.Option(help="file that holds an operator's API key")]
Url = Annotated[str, typer.Option(help="the API's address; without it, this installation's")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]


def open_api(context: typer.Context, url: str, key_file: Path) -> "Api":
    """The API for one command; its connections are closed at the command's end."""
    from cli.childcare.api import Api
    from cli.configuration import read_settings

    api = Api.open(url or read_settings().api.public_url, key_file)
    context.call_on_close(api.close)
    return api


def end(*, failed: bool) -> None:
    """Exit with 1 where something failed."""
    if failed:
        raise typer.Exit(1)
