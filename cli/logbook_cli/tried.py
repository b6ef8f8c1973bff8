"""`logbook tried`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, emit_table, hint, remark

__all__ = ["tried"]


def tried(
    config: options.Config,
    set_: options.Set = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many recipes, the nearest.")] = 5,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    as_markdown: options.AsMarkdown = False,
    logbook: options.Logbook = None,
) -> None:
    """Show the recipes of the past nearest to a config: what it changes in them, and how they ended. No run is made.

    A factor of 10 in a number counts 1, as another category does (another activation, something switched on); a
    section of another kind counts once; another task or other data count 10. Runs of one recipe are one line.
    """
    from logbook.answers import tried as nearest
    from logbook_cli.views.precedents import precedents_table

    options.check_one_form(as_json=as_json, as_csv=as_csv, as_markdown=as_markdown)
    found = nearest(config, overrides=tuple(set_ or ()), limit=limit, logbook=logbook)
    if as_json:
        emit_json(found)
    elif found.precedents or as_csv or as_markdown:
        emit_table(precedents_table(found.precedents), as_csv=as_csv, as_markdown=as_markdown)
    else:
        remark("nothing like it was tried yet in this logbook")
    if found.precedents and not as_json:
        hint(f"next: logbook show {found.precedents[0].runs[0]}")
