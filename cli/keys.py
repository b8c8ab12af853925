"""`bursar keys`: API keys, made once, shown once, revoked for good."""

from typing import Annotated

import typer

from cli.operators import Organization

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    organization: Organization,
    operator: Annotated[str, typer.Option(help="e-mail address of the operator who will use it")],
    name: Annotated[str, typer.Option(help="what it is for, to tell it from others")] = "command line",
    scope: Annotated[list[str] | None, typer.Option(help="*, *:read or noun:verb; may be repeated; default *")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, help="days until it expires; default never")] = None,
    party: Annotated[
        str, typer.Option("--for", help="a family, fam_…, or provider, prov_…, who sees and does only what is its own")
    ] = "",
) -> None:
    """Make a key. Only the key itself goes to standard output: KEY=$(bursar keys create …)."""
    import asyncio
    from datetime import timedelta

    from cli.application import ACTOR, application_database
    from domain.childcare_party import Party
    from domain.ids import public_id
    from services.api_keys import CreatedKey, create_key
    from services.operators import organization_named

    async def run() -> CreatedKey:
        async with application_database() as (settings, database):
            return await create_key(
                database,
                await organization_named(database, organization, actor=ACTOR),
                operator_email=operator,
                name=name,
                scopes=scope or ["*"],
                live=settings.environment == "live",
                expires_in=None if expires_days is None else timedelta(days=expires_days),
                actor=ACTOR,
                party=Party.named(party, field="for") if party else None,
            )

    created = asyncio.run(run())
    typer.echo(f"key {public_id('key', created.key_id)} made; it is shown this once:", err=True)
    typer.echo(created.secret)


@app.command(name="list")
def list_all(organization: Organization) -> None:
    """Show an organization's keys: who uses them, for what, and when last."""
    import asyncio

    from rich.console import Console
    from rich.table import Column, Table
    from sqlalchemy import RowMapping

    from cli.application import ACTOR, application_database
    from domain.childcare_party import Party
    from domain.ids import public_id
    from services.api_keys import list_keys
    from services.operators import organization_named

    async def run() -> list[RowMapping]:
        async with application_database() as (_, database):
            owner = await organization_named(database, organization, actor=ACTOR)
            return await list_keys(database, owner, actor=ACTOR)

    columns = ("id", "begins", "name", "operator", "of", "scopes", "expires", "last used", "revoked")
    table = Table(*(Column(name, overflow="fold") for name in columns), box=None)
    for row in asyncio.run(run()):
        instants = [
            "never" if row[column] is None else row[column].strftime("%Y-%m-%d %H:%M")
            for column in ("expires_at", "last_used_at", "revoked_at")
        ]
        party = Party.of(row)
        whose = "staff" if party is None else party.public_id
        named = (public_id("key", row["id"]), row["prefix"], row["name"], row["email"], whose)
        table.add_row(*named, " ".join(row["scopes"]), *instants)
    console = Console()
    # ids are there to be copied: never cut, and in a file or a pipe not broken either
    (console if console.is_terminal else Console(width=240)).print(table)


@app.command()
def revoke(
    organization: Organization, key: Annotated[str, typer.Argument(help="the key's id, key_…, as `list` shows it")]
) -> None:
    """Revoke a key at once and for good."""
    import asyncio

    from cli.application import ACTOR, application_database
    from domain.ids import parse_public_id
    from services.api_keys import revoke_key
    from services.operators import organization_named

    key_id = parse_public_id("key", key, field="key")

    async def run() -> None:
        async with application_database() as (_, database):
            owner = await organization_named(database, organization, actor=ACTOR)
            await revoke_key(database, owner, key_id, actor=ACTOR)

    asyncio.run(run())
    typer.echo(f"{key} is revoked")
