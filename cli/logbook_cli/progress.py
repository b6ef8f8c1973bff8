"""`logbook progress`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import draws_unicode, emit, emit_json, emit_table, is_coloured, width

__all__ = ["progress"]


def progress(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The name of a config.", show_default=False)
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only runs with this tag.")] = None,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=520, help="How many weeks to look back.")] = 4,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Say whether you are further than some weeks ago: the best value so far of what the runs monitor, which runs
    moved it, and how many runs there were since. Without a name or a tag, in one line for each name.
    """
    from logbook.answers import measure_progress
    from logbook_cli.views.progress import overview_table, progress_view, weeks_table
    from logbook_cli.views.text import Ink

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    found = measure_progress(name=name, tag=tag, weeks=weeks, logbook=logbook)
    if as_json:
        emit_json({"progress": found})
    elif as_csv or as_markdown:
        emit_table(weeks_table(found), as_csv=as_csv, as_markdown=as_markdown)
    elif len(found) > 1:
        emit_table(overview_table(found))
    else:
        ink = Ink(is_coloured(sys.stdout))
        emit(progress_view(found[0], ink=ink, width=width(sys.stdout), draws_unicode=draws_unicode()))
