"""`logbook fsck`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.counting import counting
from logbook_cli.output import emit, emit_json

__all__ = ["fsck"]


def fsck(
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild", help="First make anew what is derived: summaries, search index, recipes, views, triggers."
        ),
    ] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Verify that the logbook still says what was written: rows, chains, ledger, contents, checkpoints, file.

    Finds accidents, bit rot and careless edits; it is no defence against a forger. Nothing is written, but with
    --rebuild, which touches no record. Exit status 3 where something is wrong.
    """
    from logbook.answers import verify_logbook
    from logbook.errors import StoreError
    from logbook_cli.views.text import clean

    with counting("fsck") as tell:
        problems = verify_logbook(logbook=logbook, rebuilt=rebuild, tell=tell)
    if as_json:
        emit_json({"problems": list(problems), "rebuilt": rebuild})
    else:
        emit("\n".join(map(clean, problems)) or "all is as it was written")
    raise typer.Exit(StoreError.exit_status if problems else 0)
