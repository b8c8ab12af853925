"""The commands. Each has a true dry run: it asks the API what is due, and asks for nothing to be done."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.api_options import KeyFile, Url, open_api
from cli.childcare.options import DryRun, end

if TYPE_CHECKING:
    from cli.childcare.months import DueMonth
    from cli.childcare.plan import Unused

app = typer.Typer(help="Run the childcare programme: months, pay runs, retries, reclaims.", no_args_is_help=True)

Month = Annotated[str, typer.Option(help="YYYY-MM; without it, the present month of each child's programme")]


@app.command()
def allocate(
    context: typer.Context,
    key_file: KeyFile,
    month: Month = "",
    next_month: Annotated[bool, typer.Option("--next-month", help="the month after the present one")] = False,
    child: Annotated[str, typer.Option(help="only this child, child_…")] = "",
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Give every enabled child its budget for a month; children that have it are left alone."""
    from rich.console import Console

    from cli.childcare.batch import do_each, dollars, show
    from cli.childcare.months import months_due
    from cli.childcare.outcome import ALLOCATIONS, watch

    if month and next_month:
        raise typer.BadParameter("name a month or --next-month, not both")
    api, console = open_api(context, url, key_file), Console()
    due = months_due(api, _month(month) if month else None, child or None, following_one=next_month)
    if dry_run:
        rows = [(d.child_id, f"{d.month:%Y-%m}", d.basis, "" if d.code else dollars(d.amount), d.code) for d in due]
        show(console, "months to allocate", rows, "child", "month", "basis", "amount", "refused")
        end(failed=any(one.code for one in due))
        return
    asked: dict[str, str] = {}

    def give(item: "DueMonth") -> None:
        body = {"child_id": item.child_id, "month": item.month.isoformat()}
        asked[api.post("/v1/allocations", body)["id"]] = f"{item.child_id} {item.month:%Y-%m}"

    tally = do_each(console, "allocate", due, lambda item: f"{item.child_id} {item.month:%Y-%m}", give)
    well = watch(api, console, ALLOCATIONS, asked)
    end(failed=bool(tally.refused) or not well)


@app.command(name="pay-run")
def pay_run(
    context: typer.Context,
    key_file: KeyFile,
    program: Annotated[str, typer.Option(help="the programme, prog_…")],
    first_day: Annotated[str, typer.Option(help="YYYY-MM-DD")],
    last_day: Annotated[str, typer.Option(help="YYYY-MM-DD, included")],
    width: Annotated[int, typer.Option(help="payments under way at once")] = 20,
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Pay all care days of a period that nobody submitted yet, and watch until the run has finished."""
    from rich.console import Console

    from cli.childcare.batch import dollars, show
    from cli.childcare.watch import watch

    api, console = open_api(context, url, key_file), Console()
    period = {"program_id": program, "first_day": first_day, "last_day": last_day}
    if dry_run:
        due = api.get(f"/v1/programs/{program}/due-pairs", first_day=first_day, last_day=last_day)
        rows = [(pair["provider_id"], pair["child_id"], dollars(pair["amount"])) for pair in due["data"]]
        show(console, f"pairs, {dollars(due['amount'])} in all", rows, "provider", "child", "amount")
        return
    run = api.post("/v1/pay-runs", {**period, "width": width})
    end(failed=not watch(api, console, run["id"]))


@app.command(name="retry-failed")
def retry_failed(
    context: typer.Context,
    key_file: KeyFile,
    run: Annotated[str, typer.Option(help="everything that failed in this pay run, prun_…")] = "",
    payment: Annotated[str, typer.Option("--payment", "--intent", help="this payment, ppay_…")] = "",
    every: Annotated[bool, typer.Option("--all", help="every payment that stopped")] = False,
    since: Annotated[str, typer.Option(help="only those asked for from YYYY-MM-DD on")] = "",
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Have the stopped steps done again, and say what became of each. Without --run, --payment or --all only list."""
    from rich.console import Console

    from cli.childcare.batch import do_each, dollars, show
    from cli.childcare.outcome import PAYMENTS
    from cli.childcare.outcome import watch as watch_each
    from cli.childcare.plan import stopped_payments
    from cli.childcare.watch import failed_pairs, watch

    api, console = open_api(context, url, key_file), Console()
    if run:
        pairs = failed_pairs(api, run)
        if dry_run:
            rows = [(p["provider_id"], p["child_id"], p["code"] or "", dollars(p["amount"])) for p in pairs]
            show(console, f"pairs of {run}", rows, "provider", "child", "code", "amount")
            return
        api.post(f"/v1/pay-runs/{run}/retry", {"reason": "retried from the command line"})
        end(failed=not watch(api, console, run))
        return
    found = stopped_payments(api, payment or None, _day(since) if since else None)
    if dry_run or not (payment or every):
        listed = [_stopped(p, dollars(p["amount"])) for p in found]
        show(console, "payments to retry", listed, "payment", "state", "code", "amount", "refused")
        end(failed=not all(p["can_retry"] for p in found))
        return
    asked: dict[str, str] = {}

    def ask(item: Any) -> None:
        api.post(f"/v1/provider-payments/{item['id']}/retry", {"reason": "retried from the command line"})
        asked[item["id"]] = item["id"]

    tally = do_each(console, "retry", found, lambda item: str(item["id"]), ask)
    well = watch_each(api, console, PAYMENTS, asked)
    end(failed=bool(tally.refused) or not well)


@app.command(name="backfill-funding")
def backfill_funding(
    context: typer.Context,
    key_file: KeyFile,
    month: Annotated[str, typer.Option(help="only this month, YYYY-MM")] = "",
    child: Annotated[str, typer.Option(help="only this child, child_…")] = "",
    limit: Annotated[int, typer.Option(min=1, help="no more than so many")] = 100_000,
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Have allocations funded that stopped unfunded. What is under way goes on by itself and is left alone."""
    from rich.console import Console

    from cli.childcare.batch import do_each, dollars, show
    from cli.childcare.outcome import ALLOCATIONS, watch
    from cli.childcare.plan import unfunded

    api, console = open_api(context, url, key_file), Console()
    found = unfunded(api, _month(month) if month else None, child or None)[:limit]
    if dry_run:
        rows = [(a["id"], a["month"][:7], a["code"] or "", dollars(a["allocation_cents"])) for a in found]
        show(console, "allocations to fund", rows, "allocation", "month", "code", "amount")
        return
    asked: dict[str, str] = {}

    def ask(item: Any) -> None:
        api.post(f"/v1/allocations/{item['id']}/retry", {"reason": "funded from the command line"})
        asked[item["id"]] = item["id"]

    tally = do_each(console, "fund", found, lambda item: str(item["id"]), ask)
    well = watch(api, console, ALLOCATIONS, asked)
    end(failed=bool(tally.refused) or not well)


@app.command()
def reclaim(
    context: typer.Context,
    key_file: KeyFile,
    month: Annotated[str, typer.Option(help="YYYY-MM")],
    reason: Annotated[str, typer.Option(help="kept with each reclaim")] = "The month is over.",
    child: Annotated[str, typer.Option(help="only this child, child_…")] = "",
    release_unsubmitted: Annotated[
        bool, typer.Option("--release-unsubmitted", help="free what was selected and never submitted, too")
    ] = False,
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Take back what is free of a month's budgets, each by itself."""
    from rich.console import Console

    from cli.childcare.batch import do_each, dollars, show
    from cli.childcare.outcome import RECLAIMS, watch
    from cli.childcare.plan import unused

    api, console, wanted = open_api(context, url, key_file), Console(), _month(month)
    found = unused(api, wanted, child or None, release_unsubmitted=release_unsubmitted)
    if dry_run:
        rows = [(one.allocation_id, one.child_id, dollars(one.free), dollars(one.released), one.code) for one in found]
        what = f"reclaims of {wanted:%Y-%m}"
        show(console, what, rows, "allocation", "child", "free", "released", "refused")
        end(failed=any(one.code for one in found))
        return
    asked: dict[str, str] = {}

    def ask(item: "Unused") -> None:
        body = {"allocation_id": item.allocation_id, "reason": reason, "release_unsubmitted": release_unsubmitted}
        asked[api.post("/v1/reclaims", body)["id"]] = item.allocation_id

    tally = do_each(console, f"reclaim {wanted:%Y-%m}", found, lambda item: item.allocation_id, ask)
    well = watch(api, console, RECLAIMS, asked)
    end(failed=bool(tally.refused) or not well)


def _stopped(payment: Any, amount: str) -> tuple[str, ...]:
    return payment["id"], payment["state"], payment["code"] or "", amount, "" if payment["can_retry"] else "not_stopped"


def _month(text: str) -> date:
    return _day(f"{text}-01")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a date") from None
