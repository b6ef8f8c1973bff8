"""`logbook ls`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, hint, remark

__all__ = ["ls"]


def ls(
    name: Annotated[str | None, typer.Option("--name", help="Only runs of this name.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest.")] = 50,
    columns: options.Columns = None,
    show_all: Annotated[bool, typer.Option("--all", help="Every run there is.")] = False,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """List runs, newest first."""
    from logbook.answers import list_runs
    from logbook_cli.views.runs import found_table

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    listed = list_runs(logbook=logbook, name=name, limit=None if show_all else limit, columns=columns)
    if as_json:
        from logbook.history.documents import found_lines

        emit_json({"runs": found_lines(listed)})
    elif listed.runs or as_csv or as_markdown:
        emit_table(found_table(listed), as_csv=as_csv, as_markdown=as_markdown)
        hint(f"next: logbook show @{' · logbook compare @-1 @' if len(listed.runs) > 1 else ''}")
    else:
        remark(f"no runs{f' of the name {name}' if name else ''} in {listed.folder}; 'logbook run CONFIG' makes one")
    if listed.has_more:
        remark(f"the newest {limit}; --all shows every run")
