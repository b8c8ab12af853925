"""`bursar migrate`: the database's tables, functions and roles, one numbered step at a time."""

from typing import Annotated

import typer

app = typer.Typer(help="Bring the database up to date, take it back, or prove the migrations.", no_args_is_help=True)


@app.command()
def up(to: Annotated[str, typer.Option(help="the revision to stop at")] = "head") -> None:
    """Apply what the database lacks. Safe while workers of the previous release run."""
    from cli.configuration import read_settings, with_database
    from cli.migrations import upgrade

    upgrade(with_database(read_settings()).database.owner_url.get_secret_value(), to)
    typer.echo(f"the database is at {to}")


@app.command()
def down(to: Annotated[str, typer.Option(help="the revision to go back to, or base")]) -> None:
    """Take steps back. What the dropped tables held is lost."""
    from cli.configuration import read_settings, with_database
    from cli.migrations import downgrade

    downgrade(with_database(read_settings()).database.owner_url.get_secret_value(), to)
    typer.echo(f"the database is at {to}")


@app.command()
def check() -> None:
    """Go up, down and up on a throw-away server, then compare its tables with those the code declares."""
    from cli.migrations import check_on_throw_away_server

    check_on_throw_away_server()
    typer.echo("migrations go up, down and up again and agree with the code")
