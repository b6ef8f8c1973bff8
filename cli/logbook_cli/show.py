"""`logbook show`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import draws_unicode, emit, emit_json, is_coloured

__all__ = ["show"]


def show(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help=options.RUN_HELP)] = "@",
    full: Annotated[bool, typer.Option("--full", help="Tell every finding at length: symptoms and notes too.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Show one run, the newest unless told otherwise: config, curves, findings, provenance."""
    from logbook.answers import show_run
    from logbook_cli.views.run import run_view
    from logbook_cli.views.text import Ink

    found = show_run(run, logbook=logbook, layers=as_json)
    if as_json:
        from logbook.history.documents import run_document

        emit_json(run_document(found))
    else:
        emit(run_view(found, ink=Ink(is_coloured(sys.stdout)), draws_unicode=draws_unicode(), is_full=full))
