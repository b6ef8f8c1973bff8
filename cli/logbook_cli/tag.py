"""`logbook tag`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.journal import tell_journal

__all__ = ["tag"]


def tag(
    run: options.Run,
    tags: Annotated[list[str], typer.Argument(metavar="TAG…", help="Words to find the run by.", show_default=False)],
    remove: Annotated[bool, typer.Option("--remove", help="Take the tags off.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Put tags on a run, or take them off with --remove."""
    from logbook.journal import add_tags, remove_tags

    summary = (remove_tags if remove else add_tags)(run, tags, logbook=logbook)
    tell_journal(summary, f"tags: {' '.join(summary.tags) or 'none'}", as_json=as_json)
