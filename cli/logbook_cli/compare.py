"""`logbook compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import draws_unicode, emit, emit_json, emit_table, is_coloured, remark, width

__all__ = ["compare"]


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN…", help=options.RUN_HELP, show_default=False)],
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="RUN", help="The run to beat: the others are marked better or worse."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Also draw their curves, as .png or .svg.")
    ] = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Put two or more runs side by side: what was asked for, what came out, what the checklist said.

    Where runs were repeated with other seeds, it says whether the difference exceeds the noise between seeds.
    """
    from logbook.comparing import compare_runs
    from logbook_cli.views.comparison import comparison_table, comparison_view
    from logbook_cli.views.text import Ink

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    comparison = compare_runs(runs, baseline=baseline, logbook=logbook)
    drawn = None
    if picture is not None:  # before anything is printed: a picture that can't be drawn is an error
        from logbook.plots import plot_runs

        drawn = plot_runs([run.summary.id for run in comparison.runs], output=picture, logbook=logbook)
    if as_json:
        emit_json(comparison)
    elif as_csv or as_markdown:
        emit_table(comparison_table(comparison), as_csv=as_csv, as_markdown=as_markdown)
    else:
        ink = Ink(is_coloured(sys.stdout))
        emit(comparison_view(comparison, ink=ink, width=width(sys.stdout), draws_unicode=draws_unicode()))
    if drawn is not None:
        remark(f"{drawn.path} is written: {', '.join(drawn.panels)}")
