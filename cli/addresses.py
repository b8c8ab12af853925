"""Where to go once everything runs."""

from rich.console import Console
from rich.table import Table

from settings import Settings


def show_addresses(settings: Settings, console: Console) -> None:
    """Print the addresses that a person opens or sets in a client. The database's carries no password."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("API", settings.api.public_url)
    table.add_row("API documentation", f"{settings.api.public_url}/docs")
    if settings.temporal.ui_url:
        table.add_row(
            "Temporal web UI", f"{settings.temporal.ui_url}/namespaces/{settings.temporal.namespace}/workflows"
        )
    table.add_row("Temporal", f"{settings.temporal.address} (namespace {settings.temporal.namespace})")
    if settings.environment == "sandbox":
        table.add_row("Sandbox control", settings.sandbox.control_url)
        for name, rail in settings.rails.items():
            table.add_row(f"Sandbox {name}", rail.url)
    table.add_row("Data and logs", str(settings.data_dir.absolute()))
    console.print(table)
