"""`logbook note`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.journal import tell_journal

__all__ = ["note"]


def note(
    run: options.Run,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a reader should know.", show_default=False)],
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Write a note on a run. Notes are kept for ever; a second one takes nothing back."""
    from logbook.journal import add_note

    tell_journal(add_note(run, text, logbook=logbook), "noted", as_json=as_json, given=text)
