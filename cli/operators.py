"""`bursar operators`: the people who may act, and the organizations that they act for."""

from typing import Annotated

import typer

app = typer.Typer(help="Add and list the people who may act for an organization.", no_args_is_help=True)

Organization = Annotated[str, typer.Option("--organization", "-o", help="name of the organization")]


@app.command()
def add(
    organization: Organization,
    name: Annotated[str, typer.Option(help="the person's name")],
    email: Annotated[str, typer.Option(help="the person's e-mail address, once per organization")],
) -> None:
    """Add an operator, and the organization when there is none of that name."""
    import asyncio

    from cli.application import ACTOR, application_database
    from domain.ids import public_id
    from services.operators import AddedOperator, add_operator

    async def run() -> AddedOperator:
        async with application_database() as (_, database):
            return await add_operator(database, organization=organization, name=name, email=email, actor=ACTOR)

    added = asyncio.run(run())
    if added.organization_is_new:
        typer.echo(f"organization {public_id('org', added.organization_id)} added")
    typer.echo(f"operator {public_id('opr', added.operator_id)} added; next: bursar keys create")


@app.command(name="list")
def list_all(organization: Organization) -> None:
    """Show an organization's operators."""
    import asyncio

    from rich.console import Console
    from rich.table import Table
    from sqlalchemy import RowMapping

    from cli.application import ACTOR, application_database
    from domain.ids import public_id
    from services.operators import list_operators, organization_named

    async def run() -> list[RowMapping]:
        async with application_database() as (_, database):
            owner = await organization_named(database, organization, actor=ACTOR)
            return await list_operators(database, owner, actor=ACTOR)

    table = Table("id", "name", "e-mail", "state", box=None)
    for row in asyncio.run(run()):
        state = "active" if row["disabled_at"] is None else "disabled"
        table.add_row(public_id("opr", row["id"]), row["name"], row["email"], state)
    Console().print(table)
