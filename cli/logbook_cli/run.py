"""`logbook run`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.training import choose_progress, tell_outcome

__all__ = ["run"]


def run(
    config: options.Config,
    set_: options.Set = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Write a note on the run.")] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Tag the run. May be repeated.")] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Make so many runs, each with the next seed.")] = 1,
    folds: Annotated[bool, typer.Option("--folds", help="Run every fold of a k-fold split, in order.")] = False,
    strict: options.Strict = False,
    force: Annotated[bool, typer.Option("--force", help="Go on over errors of the checklist; recorded.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Repeat a known dead end; recorded.")] = False,
    careful: options.Careful = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Train what a config says, and record it.

    The config is judged, compared with what was tried before, frozen, trained and recorded, every epoch at once.
    Exit status: 0 done, 1 refused, failed or diverged, 2 a config that can't run, 3 the logbook, 130 Ctrl-C.
    """
    from logbook.running import RunRequest
    from logbook.running import run as run_config

    request = RunRequest(
        config=config,
        overrides=tuple(set_ or ()),
        note=note,
        tags=tuple(tag or ()),
        seeds=seeds,
        folds=folds,
        strict=strict,
        force=force,
        again=again,
        careful=careful,
        logbook=logbook,
    )
    tell_outcome(run_config(request, choose_progress(is_quiet=quiet)), as_json=as_json)
