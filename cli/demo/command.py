"""`bursar demo`: start everything, play the stories, prove the books, say where to look."""

import typer


def demo(
    stay: bool = typer.Option(False, "--stay", help="leave everything running afterwards, until Ctrl-C"),
) -> None:
    """Play three payment flows against real PostgreSQL, real Temporal and sandbox partners, and prove the books."""
    from rich.console import Console

    from cli.addresses import show_addresses
    from cli.configuration import read_settings
    from cli.demo.play import play_all
    from cli.embedded.board import Board
    from cli.embedded.failure import StartFailedError
    from cli.embedded.machine import supervisor
    from cli.embedded.stop_request import stop_requests

    console = Console()
    settings = read_settings()
    if settings.environment != "sandbox":
        raise StartFailedError("the demo plays in the sandbox environment only (BURSAR_ENVIRONMENT=sandbox)")
    with stop_requests():
        try:
            with supervisor(settings, Board(console)) as running:
                sound = play_all(settings, console)
                show_addresses(settings, console)
                if stay:
                    console.print("Everything keeps running; Ctrl-C stops it. The data stays.", style="dim")
                    running.run()
                else:
                    console.print(
                        "`make up` starts it again with this data; `bursar demo --stay` keeps it.", style="dim"
                    )
        except KeyboardInterrupt:
            typer.echo("stopped")
            return
    if not sound:
        raise typer.Exit(1)
