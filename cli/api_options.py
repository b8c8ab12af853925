"""What commands over the API have in common: the operator's key, the API's address, and how its connections end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.api import Api

KeyFile = Annotated[Path, typer.Option(help="file that holds an operator's API key")]
Url = Annotated[str, typer.Option(help="the API's address; without it, this installation's")]


def open_api(context: typer.Context, url: str, key_file: Path) -> "Api":
    """The API for one command; its connections are closed at the command's end."""
    from cli.api import Api
    from cli.configuration import read_settings

    api = Api.open(url or read_settings().api.public_url, key_file)
    context.call_on_close(api.close)
    return api
