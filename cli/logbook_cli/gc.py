"""`logbook gc`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.counting import counting
from logbook_cli.output import emit, emit_json

__all__ = ["gc"]


def gc(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="The runs that are meant; all, left out.", show_default=False),
    ] = None,
    keep: Annotated[
        str, typer.Option("--keep", metavar="WHICH", help="What stays of each run: best,last, best, last or none.")
    ] = "best,last",
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="SPAN", help="Only of runs that began before: 30d, 4w, 1y.")
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", metavar="VERDICT", help="Only of runs with this outcome, as a person said it."),
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also the last checkpoint of runs that could be resumed from it.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Remove checkpoints; by default what killed trainings left half written, and no checkpoint that is whole.

    No row of the record goes: losses, findings and all else stay, and the journal of a run says what was removed of it
    and by which policy. Running runs are left alone.

    logbook gc --keep best --older-than 30d
    """
    from logbook.collecting import Policy, collect
    from logbook_cli.views.upkeep import gc_view

    policy = Policy(keep=keep, runs=tuple(runs or ()), older_than=older_than, outcome=outcome, unfinished=unfinished)
    with counting("gc") as tell:
        done = collect(policy, dry_run=dry_run, logbook=logbook, tell=tell)
    if as_json:
        emit_json(done)
    else:
        emit(gc_view(done))
