"""`bursar doctor`: looks at everything Bursar needs here, and says of each fault how to mend it."""

import typer

MARKS = {True: "[green]✓[/]", False: "[red]✗[/]"}


def doctor() -> None:
    """Check versions, disk, ports, keys, database, Temporal and partners; exit code 1 when something is wrong."""
    from rich.console import Console
    from rich.markup import escape

    from cli.configuration import read_settings
    from cli.health import examine

    console = Console()
    sick = 0
    for finding in examine(read_settings()):
        console.print(f"{MARKS[finding.healthy]} {finding.what}: {escape(finding.seen)}", highlight=False)
        if not finding.healthy:
            sick += 1
            console.print(f"  [yellow]mend:[/] {escape(finding.remedy)}", highlight=False)
    if sick:
        raise typer.Exit(1)
