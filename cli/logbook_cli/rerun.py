"""`logbook rerun`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, hint, is_coloured
from logbook_cli.training import choose_progress

__all__ = ["rerun"]


def rerun(
    run: options.Run,
    link: Annotated[
        list[str] | None,
        typer.Option(
            "--link",
            metavar="PATH",
            help="Link a file or folder that no commit holds, and that the code reads, into its copy. May be repeated.",
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance", metavar="X", help="Relative difference up to which losses count as the same; else 1e-4."
        ),
    ] = None,
    careful: options.Careful = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Make a run again, and say whether the losses are the same.

    The recorded commit, diff and untracked files in a temporary folder, the frozen config, the recorded seed. Your
    working tree is not touched. Exit status: 0 the same or within the tolerance, 1 different or failed, 4 no such run.
    """
    from logbook.rerunning import rerun as rerun_run
    from logbook_cli.views.rerun import rerun_view
    from logbook_cli.views.text import Ink

    done = rerun_run(
        run,
        progress=choose_progress(is_quiet=quiet),
        links=tuple(link or ()),
        tolerance=tolerance,
        careful=careful,
        logbook=logbook,
    )
    if as_json:
        emit_json(done.document)
    else:
        emit(rerun_view(done.document, ink=Ink(is_coloured(sys.stdout))))
        hint(f"next: logbook show {done.document.run} · logbook diff {done.document.of} {done.document.run}")
    raise typer.Exit(done.exit_status)
