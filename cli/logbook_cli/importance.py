"""`logbook importance`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, emit_table, is_coloured, remark, width

__all__ = ["importance"]


def importance(
    query: Annotated[
        list[str] | None, typer.Argument(metavar="[QUERY]", help="Which runs, as for search; else all.")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option("--metric", help="The result: val_loss, accuracy.last, val_loss@3; else what the runs monitor."),
    ] = None,
    forest: Annotated[
        bool, typer.Option("--forest", help="Let a random forest look at the settings together, too.")
    ] = False,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Say which settings go with the result, the strongest first, and on how many runs each statement stands.

    Numbers by Spearman's rank correlation, what has no order by the spread of ranks between its values. What goes
    with the result need not be its cause: settings that always changed together can't be told apart.
    """
    from logbook.weighing import weigh_settings
    from logbook_cli.views.importance import importance_table, importance_view
    from logbook_cli.views.text import Ink, clean

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    asked = " ".join(query) if query else None
    found = weigh_settings(asked, metric=metric, forest=forest, logbook=logbook)
    if as_json:
        emit_json(found)
    elif as_csv or as_markdown:
        emit_table(importance_table(found), as_csv=as_csv, as_markdown=as_markdown)
    else:
        emit(importance_view(found, ink=Ink(is_coloured(sys.stdout)), width=width(sys.stdout)))
    for line in found.remarks:
        remark(clean(line))
