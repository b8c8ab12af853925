"""`bursar childcare onboard-families` and `onboard-providers`: a file of people, or those whose onboarding stopped."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.api_options import KeyFile, Url, open_api
from cli.childcare.commands import app
from cli.childcare.options import DryRun, end

if TYPE_CHECKING:
    from cli.childcare.onboard import Whom

People = Annotated[Path | None, typer.Option("--csv", help="people with their details; see docs/flows/childcare.md")]
Only = Annotated[str, typer.Option(help="only this person, by your own id (external_id)")]


@app.command(name="onboard-families")
def onboard_families(
    context: typer.Context,
    key_file: KeyFile,
    people: People = None,
    only: Only = "",
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Make families known at Chek. Whoever has a wallet is left alone; without a file what stopped is tried again."""
    from cli.childcare.onboard import FAMILIES

    _onboard(context, url, key_file, FAMILIES, people, only, dry_run=dry_run)


@app.command(name="onboard-providers")
def onboard_providers(
    context: typer.Context,
    key_file: KeyFile,
    people: People = None,
    only: Only = "",
    dry_run: DryRun = False,
    url: Url = "",
) -> None:
    """Make providers known at Chek, invited to direct pay or with a card where the file says so."""
    from cli.childcare.onboard import PROVIDERS

    _onboard(context, url, key_file, PROVIDERS, people, only, dry_run=dry_run)


def _onboard(
    context: typer.Context, url: str, key_file: Path, whom: "Whom", people: Path | None, only: str, *, dry_run: bool
) -> None:
    from rich.console import Console

    from cli.childcare.batch import do_each, show
    from cli.childcare.onboard import carry_out, of_file, of_registered
    from cli.childcare.outcome import ONBOARDINGS, watch
    from cli.childcare.people import read_people

    api, console = open_api(context, url, key_file), Console()
    if people is None:
        due = of_registered(api, whom, only or None)
    else:
        lines = read_people(people, providers=whom.reference == "provider_id")
        due = of_file(api, whom, [line for line in lines if only in ("", line.external_id)])
    if dry_run:
        rows = [(one.external_id, one.id or "", one.deed, one.code) for one in due]
        show(console, "people", rows, "person", "id", "what", "code")
        end(failed=any(one.deed in ("refused", "details_missing") for one in due))
        return
    asked: dict[str, str] = {}
    doable = [one for one in due if one.deed not in ("nothing", "details_missing", "refused")]
    tally = do_each(
        console,
        "onboard",
        doable,
        lambda one: str(one.external_id),
        lambda one: asked.update({carry_out(api, whom, one): one.external_id}),
    )
    well = watch(api, console, ONBOARDINGS, asked)
    left = [one for one in due if one.deed in ("details_missing", "refused")]
    for one in left:
        said = "details_missing" if one.deed == "details_missing" else f"{one.code}; nothing was done"
        console.print(f"{one.external_id}: {said}", markup=False, highlight=False)
    end(failed=bool(tally.refused or left) or not well)
