"""`logbook outcome`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.journal import tell_journal

__all__ = ["outcome"]


def outcome(
    run: options.Run,
    verdict: Annotated[
        str,
        typer.Argument(
            metavar="VERDICT", help="dead-end, promising, baseline, done or inconclusive.", show_default=False
        ),
    ],
    because: Annotated[
        str | None,
        typer.Option("--because", metavar="TEXT", help="The reason; may be left out to confirm what is suggested."),
    ] = None,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Say what became of a run, and why. The newest verdict stands; a dead end isn't run again without --again.

    A run that diverged, never beat a constant answer, or was stopped by an error is suggested as a dead end when it
    ends: dead-end? in lists. Your verdict, whichever, stands over a suggestion.
    """
    from logbook.journal import set_outcome

    summary = set_outcome(run, verdict, because=because, logbook=logbook)
    tell_journal(summary, f"{summary.outcome}: {summary.outcome_reason}", as_json=as_json, given=because or "")
