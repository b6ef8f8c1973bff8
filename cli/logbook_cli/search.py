"""`logbook search`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, remark

__all__ = ["search"]


def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)],
    sort: Annotated[str | None, typer.Option("--sort", help="A field to sort by, such as val_loss.best.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="How many at most.")] = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Find runs by what is recorded of them, newest first.

    Terms are joined by and; or, not and parentheses work. A term is FIELD OP VALUE, such as lr<1e-3,
    optimizer.kind=adam, val_loss.best<0.1, status:diverged, outcome:dead-end, rule:exploding-gradients or
    age>4w; anything else is looked for in names, notes, findings and errors. Quote the query:

    logbook search 'lr<1e-3 not outcome:dead-end "exploded"'
    """
    from logbook.answers import search_runs
    from logbook_cli.views.runs import runs_table

    runs = search_runs(" ".join(query), logbook=logbook, sort=sort, limit=limit)
    if as_json:
        from logbook.history.documents import run_line

        emit_json({"runs": [run_line(run) for run in runs]})
    elif runs or as_csv or as_markdown:
        emit_table(runs_table(runs), as_csv=as_csv, as_markdown=as_markdown)
    else:
        remark("no run matches")
