"""`bursar cases`: what a person must look at, of every organization and of the house itself.

An organization's operators close theirs through the API, in their own names. A case of the house has no organization:
it tells of an event whose owner nobody knows, and whoever runs the installation closes it here.
"""

from typing import Annotated

import typer

app = typer.Typer(help="List open cases of all organizations; close those of the house.", no_args_is_help=True)


@app.command(name="list")
def list_all(
    house: Annotated[bool, typer.Option("--house", help="only those that belong to no organization")] = False,
) -> None:
    """Show open cases, oldest first."""
    import asyncio

    from rich.console import Console
    from rich.table import Table
    from sqlalchemy import RowMapping

    from cli.application import ACTOR, application_database
    from db.queries.case_file import open_everywhere
    from domain.ids import public_id
    from domain.runbook import runbook_of

    async def run() -> list[RowMapping]:
        async with application_database() as (_, database), database.across_organizations(actor=ACTOR) as uow:
            return await open_everywhere(uow, house_only=house)

    table = Table("id", "organization", "kind", "open for", "what", "runbook", box=None)
    for row in asyncio.run(run()):
        hours, seconds = divmod(int(row["age_seconds"]), 3600)
        table.add_row(
            public_id("case", row["id"]),
            row["organization"] or "(the house)",
            row["kind"],
            f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h {seconds // 60} min",
            row["summary"],
            runbook_of(row["kind"], row["subject_kind"]) or "",
        )
    Console().print(table)


@app.command()
def close(
    case: Annotated[str, typer.Argument(help="the case's id, case_…, as `list` shows it")],
    resolution: Annotated[str, typer.Option(help="what was found out and done; kept in the audit trail")],
) -> None:
    """Close a case of the house: its event is of no concern to us and is not looked at again."""
    import asyncio

    from cli.application import ACTOR, application_database
    from domain.ids import parse_public_id
    from services.house_case import close_house_case

    case_id = parse_public_id("case", case, field="case")

    async def run() -> None:
        async with application_database() as (_, database):
            await close_house_case(database, case_id, resolution, actor=ACTOR)

    asyncio.run(run())
    typer.echo(f"{case} is closed")
