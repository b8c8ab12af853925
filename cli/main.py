"""The `bursar` command. A failure is one line on stderr and a non-zero exit code, never a stack trace.

Each noun has a file of its own; what is slow to load is imported inside the commands, so that `--help` answers at once.
"""

import os
import sys

import typer

from cli import (
    audit,
    builds,
    cases,
    childcare,
    keyring,
    keys,
    ledger,
    migrate,
    money_calls,
    operators,
    reimbursements,
)
from cli.demo.command import demo
from cli.doctor import doctor
from cli.up import up

app = typer.Typer(
    name="bursar",
    help="Durable payment operations: start them, watch them, prove the books.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(up)
app.command()(demo)
app.command()(doctor)
app.add_typer(operators.app, name="operators")
app.add_typer(keys.app, name="keys")
app.add_typer(cases.app, name="cases")
app.add_typer(money_calls.app, name="money-calls")
app.add_typer(childcare.app, name="childcare")
app.add_typer(reimbursements.app, name="reimbursements")
app.add_typer(ledger.app, name="ledger")
app.add_typer(audit.app, name="audit")
app.add_typer(builds.app, name="builds")
app.add_typer(keyring.app, name="keyring")
app.add_typer(migrate.app, name="migrate")


def run() -> None:
    """The entry point. `BURSAR_DEBUG=1` shows stack traces."""
    # Taken out of the environment, where every other BURSAR_ name must be a setting.
    debug = os.environ.pop("BURSAR_DEBUG", "") not in {"", "0"}
    try:
        app()
    except Exception as error:
        if debug:
            raise
        from cli.complaint import complaint

        sys.stderr.write(f"bursar: {complaint(error)}\n")
        sys.exit(1)


if __name__ == "__main__":
    run()
