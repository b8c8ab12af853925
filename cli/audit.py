"""`bursar audit`: prove that nobody changed what was recorded."""

from typing import Annotated

import typer

app = typer.Typer(help="Prove the audit trail.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Prove the audit trail."""


@app.command()
def verify(
    head: Annotated[str, typer.Option(help="a head noted earlier, in hex: it must still be in the chain")] = "",
) -> None:
    """Follow the chain of sealed blocks; exit code 1 and the first bad row if it is broken."""
    import asyncio

    from cli.configuration import read_settings
    from cli.database import raw_connection
    from db.audit.verify import ChainReport, verify_chain

    try:
        noted = bytes.fromhex(head) or None
    except ValueError:
        raise typer.BadParameter("a head is written in hexadecimal digits", param_hint="--head") from None
    settings = read_settings()

    async def prove() -> ChainReport:
        async with raw_connection(settings) as connection:
            return await verify_chain(connection, noted)

    report = asyncio.run(prove())
    if report.problem:
        place = f"block {report.block}" if report.block is not None else "the chain"
        row = f", row {report.entry_id} at position {report.position}" if report.entry_id is not None else ""
        typer.echo(f"the audit trail is broken: {report.problem} ({place}{row})")
        raise typer.Exit(1)
    typer.echo(f"{report.sealed} rows are sealed and unchanged, {report.unsealed} are too young to be sealed")
    typer.echo(f"head {report.head.hex()}: note it outside of this database, and give it to the next verify")
