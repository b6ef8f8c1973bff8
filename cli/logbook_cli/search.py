"""`logbook search`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, remark

__all__ = ["search"]

_MOST = 50
"""Runs in a table for people; a program that asks for JSON or CSV gets them all."""


def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="What to look for.", show_default=False)],
    sort: Annotated[str | None, typer.Option("--sort", help="A field to sort by, such as val_loss.best.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="How many; 50 in a table for people.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Every run that matches.")] = False,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Find runs by what is recorded of them, newest first.

    Terms are joined by and; or, not and parentheses work. A term is FIELD OP VALUE, such as lr<1e-3,
    optimizer.kind=adam, val_loss.best<0.1, status:diverged, outcome:dead-end, rule:exploding-gradients or
    age>4w; anything else is looked for in names, notes, findings and errors. A search for outcome:dead-end groups
    its table by cause; outcome_by:person leaves out what is only suggested. Quote the query:

    logbook search 'lr<1e-3 not outcome:dead-end "exploded"'
    """
    from logbook.answers import search_runs
    from logbook_cli.views.runs import dead_ends_table, runs_table
    from logbook_cli.views.text import clean

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    is_for_people = not (as_json or as_csv or as_markdown)
    most = None if show_all else limit or (_MOST if is_for_people else None)
    found = search_runs(" ".join(query), logbook=logbook, sort=sort, limit=most)
    if as_json:
        from logbook.history.documents import run_line

        emit_json({"runs": [run_line(run) for run in found.runs]})
    elif found.runs or not is_for_people:
        by_cause = found.asks_for_dead_ends
        table = dead_ends_table(found.runs, is_for_people=is_for_people) if by_cause else runs_table(found.runs)
        emit_table(table, as_csv=as_csv, as_markdown=as_markdown)
    else:
        remark("no run matches")
    for line in found.remarks:
        remark(clean(line))
    if found.has_more:
        remark(f"the first {most}; --all shows every run that matches")
