"""`bursar ledger`: prove the books."""

import typer

app = typer.Typer(help="Prove the books.", no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """Prove the books."""


@app.command()
def check() -> None:
    """Hold balances, holds, floors and partners' books against the rows; exit code 1 and the differences if any."""
    import asyncio

    from rich.console import Console
    from rich.markup import escape

    from activities.house import open_house
    from activities.partner_books import read_partner_books
    from cli.configuration import read_settings, with_database
    from cli.database import raw_connection
    from db.ledger.check import check_books
    from db.ledger.report import Report

    settings = read_settings()

    async def prove() -> Report:
        async with open_house(with_database(settings)) as house:
            books = await read_partner_books(house)
        async with raw_connection(settings) as connection:
            return await check_books(connection, books)

    console = Console()
    report = asyncio.run(prove())
    broken = {difference.proof for difference in report.differences}
    for proof in report.proofs:
        console.print(f"{'[red]✗[/]' if proof in broken else '[green]✓[/]'} {escape(proof)}", highlight=False)
    for book in report.not_comparable:
        console.print(
            f"[yellow]?[/] {escape(f'{book.rail} {book.name}: not comparable: {book.reason}')}", highlight=False
        )
    if report.differences:
        for difference in report.differences:
            console.print(escape(str(difference)), highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    typer.echo("the books are right")
