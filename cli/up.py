"""`bursar up`: everything on this machine, until Ctrl-C."""

import typer


def up() -> None:
    """Start PostgreSQL, Temporal, the sandbox partners, a worker and the API, and keep them running until Ctrl-C."""
    from rich.console import Console

    from cli.addresses import show_addresses
    from cli.configuration import read_settings
    from cli.embedded.board import Board
    from cli.embedded.machine import supervisor
    from cli.embedded.stop_request import stop_requests

    console = Console()
    settings = read_settings()
    with stop_requests():
        try:
            with supervisor(settings, Board(console)) as running:
                show_addresses(settings, console)
                console.print("Ctrl-C stops it; the data stays.", style="dim")
                running.run()
        except KeyboardInterrupt:
            typer.echo("stopped")
