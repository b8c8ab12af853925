"""`bursar reimbursements …`: what an operator does with one payout, over the API, which authorizes and audits each.

A refusal is one line, its code first (`own_payout`, `same_operator`, `check_present`, …), and exit code 1.
"""

from typing import Annotated, Any

import typer

from cli.api_options import KeyFile, Url, open_api
from domain.runbook import FOLDER

Report = Annotated[str, typer.Argument(help="the report, rmr_…")]
Why = Annotated[str, typer.Option(help="kept in the audit trail")]
BankReference = Annotated[str, typer.Option(help="the bank's own reference")]
WhoMustAct = Annotated[str, typer.Option(help="payee, where other details of theirs mend it, else operator")]
Seen = Annotated[str, typer.Option(help="the proposal's `seen`, as it was read")]


def waiting(
    context: typer.Context,
    key_file: KeyFile,
    who: Annotated[str, typer.Option(help="payee or operator")] = "operator",
    url: Url = "",
) -> None:
    """List the payouts that wait for somebody, and why."""
    for payout in open_api(context, url, key_file).all("/v1/payouts", who_must_act=who):
        typer.echo(f"{payout['report_id']}  {payout['state']}  {payout['code']}: {payout['message']}")


def show(context: typer.Context, report: Report, key_file: KeyFile, url: Url = "") -> None:
    """Where a report and its payout stand, who must act, and which runbook says how."""
    api = open_api(context, url, key_file)
    _print(api.get(f"/v1/reports/{report}"))


def retry(context: typer.Context, report: Report, key_file: KeyFile, reason: Why = "", url: Url = "") -> None:
    """Try again what was refused or came back, by the same method."""
    _ask(context, url, key_file, report, "retry", {"reason": reason})


def payout_method(
    context: typer.Context,
    report: Report,
    method: Annotated[str, typer.Argument(help="another of the payee's methods, pm_…")],
    key_file: KeyFile,
    url: Url = "",
) -> None:
    """Pay this payout by another of the payee's methods; no other payout moves with it."""
    _ask(context, url, key_file, report, "payout-method", {"payout_method_id": method})


def cancel(context: typer.Context, report: Report, key_file: KeyFile, reason: Why = "", url: Url = "") -> None:
    """Stop before the transfer is handed over; what was booked goes back."""
    _ask(context, url, key_file, report, "cancel", {"reason": reason})


def reverse(context: typer.Context, report: Report, key_file: KeyFile, reason: Why = "", url: Url = "") -> None:
    """Give a failed payout's money back to the organization; the report is never paid after that."""
    _ask(context, url, key_file, report, "reverse", {"reason": reason})


def stop(context: typer.Context, report: Report, key_file: KeyFile, reason: Why = "", url: Url = "") -> None:
    """Stop a check that nobody has cashed."""
    _ask(context, url, key_file, report, "stop", {"reason": reason})


def wire_owner(
    context: typer.Context,
    report: Report,
    operator: Annotated[str, typer.Argument(help="another operator, opr_…, who is not paid by it")],
    key_file: KeyFile,
    url: Url = "",
) -> None:
    """Give the task of sending a wire to another operator."""
    open_api(context, url, key_file).post(f"/v1/reports/{report}/wire-owner", {"operator_id": operator})
    typer.echo(f"{operator} sends it")


def wire_sent(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    bank_reference: BankReference,
    evidence: Annotated[str, typer.Option(help="how you know that the bank executed it")],
    url: Url = "",
) -> None:
    """Say that the bank executed a wire; another operator confirms."""
    body = {"bank_reference": bank_reference, "evidence": evidence}
    _propose(context, url, key_file, report, "wire-sent", body)


def wire_refused(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    reason: Annotated[str, typer.Option(help="why it was not sent; a payee is mailed this")],
    who_must_act: WhoMustAct = "operator",
    url: Url = "",
) -> None:
    """Say that a wire was not sent and will not be; another operator confirms."""
    _propose(context, url, key_file, report, "wire-refused", {"reason": reason, "who_must_act": who_must_act})


def wire_confirm(context: typer.Context, report: Report, key_file: KeyFile, seen: Seen, url: Url = "") -> None:
    """Confirm what another operator said of a wire."""
    open_api(context, url, key_file).post(f"/v1/reports/{report}/wire-confirm", {"seen": seen})
    typer.echo("confirmed")


def wire_returned(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    bank_reference: BankReference,
    returned_on: Annotated[str, typer.Option(help="the day of the bank's line, YYYY-MM-DD")],
    reason: Annotated[str, typer.Option(help="the bank's reason; a payee is mailed this")],
    who_must_act: WhoMustAct = "operator",
    fee: Annotated[int, typer.Option(help="cents that the bank kept")] = 0,
    url: Url = "",
) -> None:
    """Tell of the bank's line that brought a wire back; another operator confirms."""
    body = {
        "bank_reference": bank_reference,
        "returned_on": returned_on,
        "reason": reason,
        "who_must_act": who_must_act,
        "fee": fee,
    }
    _propose(context, url, key_file, report, "wire-returned", body)


def wire_returned_confirm(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    seen: Annotated[str, typer.Option(help="the `seen` of what was told; without it that is shown, and no more")] = "",
    url: Url = "",
) -> None:
    """Confirm that a wire came back: its money is owed to the payout again."""
    api = open_api(context, url, key_file)
    if not seen:
        for name, value in api.get(f"/v1/reports/{report}/wire-returned").items():
            typer.echo(f"{name:16} {value}")
        return
    api.post(f"/v1/reports/{report}/wire-returned-confirm", {"seen": seen})
    typer.echo("confirmed")


COMMANDS = (
    waiting,
    show,
    retry,
    payout_method,
    cancel,
    reverse,
    stop,
    wire_owner,
    wire_sent,
    wire_refused,
    wire_confirm,
    wire_returned,
    wire_returned_confirm,
)


def _ask(context: typer.Context, url: str, key_file: KeyFile, report: str, verb: str, body: Any) -> None:
    _print(open_api(context, url, key_file).post(f"/v1/reports/{report}/{verb}", body))


def _propose(context: typer.Context, url: str, key_file: KeyFile, report: str, verb: str, body: Any) -> None:
    told = open_api(context, url, key_file).post(f"/v1/reports/{report}/{verb}", body)
    seen = told["seen"] if "seen" in told else told["money_call"]["proposal"]["seen"]
    confirm = "wire-returned-confirm" if verb == "wire-returned" else "wire-confirm"
    typer.echo(f"nothing is booked until another operator confirms: bursar reimbursements {confirm} {report}")
    typer.echo(f"  --seen {seen}")


def _print(report: Any) -> None:
    from domain.money import Money

    payout = report["payout"]
    typer.echo(f"{report['id']}: {report['state']}")
    if payout is not None:
        who = f", the {payout['who_must_act']} must act" if payout["who_must_act"] else ""
        why = f": {payout['code']}, {payout['message']}" if payout["code"] else ""
        typer.echo(f"payout of {Money(payout['amount'], payout['currency'])}: {payout['state']}{who}{why}")
        for attempt in payout["attempts"]:
            typer.echo(
                f"  {attempt['ordinal']}. {attempt['kind']}: {attempt['state']} {attempt['rail_id'] or ''}".rstrip()
            )
            if attempt["owner_id"] and attempt["state"] == "needs_person":
                task = f"{attempt['owner_id']} sends it until {attempt['due_at']}"
                typer.echo(f"     {task}: {FOLDER}wire-to-send.md")
    for case in (report.get("detail") or {}).get("cases", []):
        if case["state"] == "open":
            typer.echo(f"case {case['kind']} ({case['id']}): {case['runbook'] or case['summary']}")
