"""`logbook fsck`."""

from __future__ import annotations

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json

__all__ = ["fsck"]


def fsck(as_json: options.AsJson = False, logbook: options.Logbook = None) -> None:
    """Verify that the logbook still says what was written: chains, ledger, hashes, the file itself.

    Finds accidents, bit rot and careless edits; it is no defence against a forger. Exit status 3 where something
    is wrong.
    """
    from logbook.answers import verify_logbook
    from logbook.errors import StoreError
    from logbook_cli.counting import counting
    from logbook_cli.views.text import clean

    with counting("verified") as progress:
        problems = verify_logbook(logbook=logbook, progress=progress)
    if as_json:
        emit_json({"problems": list(problems)})
    else:
        emit("\n".join(map(clean, problems)) or "all is as it was written")
    raise typer.Exit(StoreError.exit_status if problems else 0)
