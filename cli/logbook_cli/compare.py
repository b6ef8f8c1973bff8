"""`logbook compare`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import draws_unicode, emit, emit_json, emit_table, is_coloured, width

__all__ = ["compare"]


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help=options.RUN_HELP, show_default=False)],
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Put two or more runs side by side: what was asked for, what came out, what the checklist said."""
    from logbook.answers import compare_runs
    from logbook_cli.views.comparison import comparison_table, comparison_view
    from logbook_cli.views.text import Ink

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    comparison = compare_runs(runs, logbook=logbook)
    if as_json:
        emit_json(comparison)
    elif as_csv or as_markdown:
        emit_table(comparison_table(comparison), as_csv=as_csv, as_markdown=as_markdown)
    else:
        ink = Ink(is_coloured(sys.stdout))
        emit(comparison_view(comparison, ink=ink, width=width(sys.stdout), draws_unicode=draws_unicode()))
