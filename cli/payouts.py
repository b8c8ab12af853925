"""`bursar reimbursements …`: what an operator does with one payout, as the API's routes of the same names do it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.childcare.options import KeyFile, Url, open_api

if TYPE_CHECKING:
    from cli.childcare.api import Api

Report = Annotated[str, typer.Argument(help="the report's id, rmr_…")]
Reason = Annotated[str, typer.Option(help="why; kept in the audit trail")]
Seen = Annotated[str, typer.Option(help="of the proposal that you have read: `bursar money-calls show`")]
Who = Annotated[str, typer.Option("--who", help="who mends it: payee or operator")]
Line = Annotated[str, typer.Option("--bank-reference", help="the bank's own reference")]


def _say(report: Any) -> None:
    """A report in a few lines: how far it is, who must act, and where it is written what to do."""
    payout = report["payout"]
    typer.echo(f"{report['id']} is {report['state']}" + (f", its payout {payout['state']}" if payout else ""))
    if payout and payout["who_must_act"]:
        typer.echo(f"  {payout['who_must_act']} must act: {payout['code']}: {payout['message']}")
    for attempt in payout["attempts"] if payout else []:
        reference = attempt["rail_id"] or "no reference yet"
        typer.echo(f"  attempt {attempt['ordinal']} by {attempt['kind']}: {attempt['state']}, {reference}")
    for case in (report["detail"] or {}).get("cases", []):
        if case["state"] == "open":
            typer.echo(f"  case {case['kind']}: {case['summary']} ({case['runbook'] or case['id']})")


def _command(api: "Api", report: str, verb: str, body: dict[str, Any]) -> None:
    api.post(f"/v1/reports/{report}/{verb}", body)
    _say(api.get(f"/v1/reports/{report}"))


def _propose(api: "Api", report: str, verb: str, body: dict[str, Any]) -> None:
    told = api.post(f"/v1/reports/{report}/{verb}", body)
    seen = told["seen"] if verb == "wire-returned" else told["money_call"]["proposal"]["seen"]
    confirm = "wire-returned-confirm" if verb == "wire-returned" else "wire-confirm"
    typer.echo(f"proposed; another operator confirms: bursar reimbursements {confirm} {report} --seen {seen}")


def stuck(context: typer.Context, key_file: KeyFile, who: Who = "operator", url: Url = "") -> None:
    """List the payouts that wait for somebody."""
    for payout in open_api(context, url, key_file).all("/v1/payouts", who_must_act=who):
        typer.echo(f"{payout['report_id']}  {payout['state']}  {payout['code']}: {payout['message']}")


def show(context: typer.Context, report: Report, key_file: KeyFile, url: Url = "") -> None:
    """Show how far a report is and what is to be done."""
    _say(open_api(context, url, key_file).get(f"/v1/reports/{report}"))


def retry(context: typer.Context, report: Report, key_file: KeyFile, reason: Reason = "", url: Url = "") -> None:
    """Try again what was refused or came back, by the same method."""
    _command(open_api(context, url, key_file), report, "retry", {"reason": reason})


def method(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    payout_method: Annotated[str, typer.Argument(help="pm_…, one of the payee's")],
    url: Url = "",
) -> None:
    """Pay this payout by another of the payee's methods."""
    _command(open_api(context, url, key_file), report, "payout-method", {"payout_method_id": payout_method})


def cancel(context: typer.Context, report: Report, key_file: KeyFile, reason: Reason = "", url: Url = "") -> None:
    """Stop it before it is handed over; what was booked goes back."""
    _command(open_api(context, url, key_file), report, "cancel", {"reason": reason})


def reverse(context: typer.Context, report: Report, key_file: KeyFile, reason: Reason = "", url: Url = "") -> None:
    """Give the money of a failed payout back to the organization, for good."""
    _command(open_api(context, url, key_file), report, "reverse", {"reason": reason})


def stop(context: typer.Context, report: Report, key_file: KeyFile, reason: Reason = "", url: Url = "") -> None:
    """Stop a check that nobody has cashed."""
    _command(open_api(context, url, key_file), report, "stop", {"reason": reason})


def wire_owner(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    operator: Annotated[str, typer.Argument(help="opr_…")],
    url: Url = "",
) -> None:
    """Give the task of sending the wire to another operator, who is not paid by it."""
    _command(open_api(context, url, key_file), report, "wire-owner", {"operator_id": operator})


def wire_sent(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    bank_reference: Line,
    evidence: Annotated[str, typer.Option(help="what you saw")],
    url: Url = "",
) -> None:
    """Say that the bank executed the wire."""
    _propose(
        open_api(context, url, key_file), report, "wire-sent", {"bank_reference": bank_reference, "evidence": evidence}
    )


def wire_refused(
    context: typer.Context, report: Report, key_file: KeyFile, reason: Reason, who: Who = "operator", url: Url = ""
) -> None:
    """Say that the wire was not sent and will not be."""
    _propose(open_api(context, url, key_file), report, "wire-refused", {"reason": reason, "who_must_act": who})


def wire_confirm(context: typer.Context, report: Report, key_file: KeyFile, seen: Seen, url: Url = "") -> None:
    """Confirm what another operator said of the wire."""
    _command(open_api(context, url, key_file), report, "wire-confirm", {"seen": seen})


def wire_returned(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    bank_reference: Line,
    returned_on: Annotated[str, typer.Option(help="day of the statement's line, YYYY-MM-DD")],
    reason: Reason,
    fee: Annotated[int, typer.Option(min=0, help="what the bank kept, in cents")] = 0,
    who: Who = "operator",
    url: Url = "",
) -> None:
    """Say that the bank sent a paid wire back."""
    body = {"bank_reference": bank_reference, "returned_on": returned_on, "reason": reason, "fee": fee}
    _propose(open_api(context, url, key_file), report, "wire-returned", {**body, "who_must_act": who})


def wire_returned_confirm(
    context: typer.Context,
    report: Report,
    key_file: KeyFile,
    seen: Annotated[
        str, typer.Option(help="of what was told; without it, that is shown and nothing is confirmed")
    ] = "",
    url: Url = "",
) -> None:
    """Confirm that the wire came back."""
    api = open_api(context, url, key_file)
    if seen:
        _command(api, report, "wire-returned-confirm", {"seen": seen})
        return
    for name, value in api.get(f"/v1/reports/{report}/wire-returned").items():
        typer.echo(f"{name:16} {value}")


COMMANDS = (stuck, show, retry, method, cancel, reverse, stop, wire_owner, wire_sent, wire_refused, wire_confirm,
            wire_returned, wire_returned_confirm)  # fmt: skip
