"""`logbook judge`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, hint, is_coloured

__all__ = ["judge"]


def judge(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN…]", help=options.RUN_HELP, show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every run there is.")] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The runs of this name.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", metavar="RULE", help="Judge by this rule alone.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; record nothing.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Judge runs of the past again, by the rules of today.

    The record of a run is judged as it was while it ran: its config with what the past said then, its data, its
    untrained model, each epoch, its end. Where something differs, the new findings are recorded behind the old ones,
    which stay; where nothing does, nothing is written. A run that ended as a dead end does is suggested as one
    (dead-end?), as it is when it ends; a suggestion that no longer holds is taken back.
    """
    from logbook.judging import judge_runs
    from logbook_cli.counting import counting
    from logbook_cli.views.judgement import judgement_view
    from logbook_cli.views.text import Ink

    with counting("judge") as tell:
        document = judge_runs(
            runs or (), every=every, name=name, rule=rule, dry_run=dry_run, logbook=logbook, tell=tell
        )
    if as_json:
        emit_json(document)
        return
    emit(judgement_view(document, ink=Ink(is_coloured(sys.stdout))))
    if document.runs and not document.runs[0].skipped:
        hint(f"next: logbook show {document.runs[0].id}")
