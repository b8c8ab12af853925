"""`bursar money-calls`: what only a person can find out, concluded by two operators, each with a key of their own."""

from typing import Annotated, Any

import typer

from cli.api_options import KeyFile, Url, open_api

app = typer.Typer(help="Money calls in doubt: list them, propose what became of one, confirm it.", no_args_is_help=True)

Call = Annotated[str, typer.Argument(help="the money call's id, mc_…")]


@app.command(name="list")
def list_all(
    context: typer.Context,
    key_file: KeyFile,
    state: Annotated[str, typer.Option(help="open, recorded, sending, unknown, needs_person, applied or refused")] = (
        "needs_person"
    ),
    url: Url = "",
) -> None:
    """Show money calls, newest first; by default those that need a person."""
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "what", "amount", "state", "partner's reference", "first recorded", "proposal", box=None)
    for call in open_api(context, url, key_file).all("/v1/money-calls", state=state):
        proposal = call["proposal"]
        table.add_row(
            call["id"],
            f"{call['rail']} {call['operation']}, {call['flow_id']}",
            f"{call['amount']} {call['currency']}",
            call["state"],
            call["rail_reference"],
            call["recorded_at"][:19],
            "" if proposal is None else f"{proposal['outcome']}, by {proposal['proposed_by']}",
        )
    Console().print(table)


@app.command()
def show(context: typer.Context, call: Call, key_file: KeyFile, url: Url = "") -> None:
    """Show one with its evidence, and the proposal that another operator may confirm."""
    _print(open_api(context, url, key_file).get(f"/v1/money-calls/{call}"))


@app.command()
def resolve(
    context: typer.Context,
    call: Call,
    key_file: KeyFile,
    outcome: Annotated[str, typer.Option(help="applied or refused")],
    evidence: Annotated[str, typer.Option(help="how you know: a line of a statement, a ticket of the partner")],
    rail_id: Annotated[str, typer.Option(help="the partner's own id of it; for EPX the AUTH_GUID")] = "",
    url: Url = "",
) -> None:
    """Propose what became of one. Settles nothing: another operator confirms."""
    said = {"outcome": outcome, "evidence": evidence, "rail_id": rail_id or None}
    proposed = open_api(context, url, key_file).post(f"/v1/money-calls/{call}/resolve", said)
    typer.echo(f"proposed; another operator confirms: bursar money-calls confirm {call} --seen {_seen(proposed)}")


@app.command()
def confirm(
    context: typer.Context,
    call: Call,
    key_file: KeyFile,
    seen: Annotated[str, typer.Option(help="of the proposal that you have read, as `show` has it")],
    url: Url = "",
) -> None:
    """Confirm what another operator proposed, exactly as you have read it. Sends nothing."""
    settled = open_api(context, url, key_file).post(f"/v1/money-calls/{call}/confirm", {"seen": seen})
    typer.echo(f"{call} is {settled['state']}")


def _seen(call: Any) -> str:
    return str(call["proposal"]["seen"])


def _print(call: Any) -> None:
    from json import dumps

    for name in ("id", "flow_id", "rail", "operation", "amount", "currency", "state", "rail_reference", "recorded_at"):
        typer.echo(f"{name:16} {call[name]}")
    for found in call["evidence"]:
        typer.echo(f"{'evidence':16} {dumps(found)}")
    for name, value in (call["proposal"] or {}).items():
        typer.echo(f"{'proposal ' + name:16} {value}")
