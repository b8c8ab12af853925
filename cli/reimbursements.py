"""`bursar reimbursements`: what an operator does with one payout, and a look at those of all organizations."""

import typer

from cli.payouts import COMMANDS

app = typer.Typer(help="Act on payouts; hold them against the partners' own lists.", no_args_is_help=True)

for command in COMMANDS:
    app.command(name=command.__name__.replace("_", "-"))(command)


@app.command()
def reconcile() -> None:
    """Look now at the lists of Column and PayPal, as is done daily; exit code 1 if one of them could not be read."""
    import asyncio

    from activities.house import open_house
    from activities.payout_reconciliation import PayoutReconciliation, statements
    from cli.configuration import read_settings, with_database
    from contracts.payout_reconciliation import PayoutReconciliationReport

    settings = with_database(read_settings())

    async def look() -> PayoutReconciliationReport:
        async with open_house(settings) as house:
            partners = statements(house.rails)
            reconciliation = PayoutReconciliation(
                house.database, house.inbox, partners, days=settings.payout.reconcile_days
            )
            return await reconciliation.look()

    found = asyncio.run(look())
    typer.echo(f"{found.looked_at} transfers looked at; {found.missed} told something that no webhook had")
    cases = {"made by nobody here": found.unknown, "of another amount": found.differing, "missing": found.missing}
    for what, count in cases.items():
        if count:
            typer.echo(f"new cases: {count} {what} (bursar cases list)")
    if found.unread:
        typer.echo(f"{found.unread} lists could not be read", err=True)
        raise typer.Exit(1)
