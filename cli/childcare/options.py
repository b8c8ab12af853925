"""What the childcare commands have in common beside the API: a dry run, and how a command ends."""

from typing import Annotated

import typer

DryRun = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]


def end(*, failed: bool) -> None:
    """Exit with 1 where something failed."""
    if failed:
        raise typer.Exit(1)
