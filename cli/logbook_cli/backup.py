"""`logbook backup`."""

from __future__ import annotations

from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.counting import counting
from logbook_cli.output import emit, emit_json, remark

__all__ = ["backup"]


def backup(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="FOLDER",
            help="The folder to make; in one that is there, a new one with the time as its name. Left out: backups/ of"
            " the logbook's own folder.",
            show_default=False,
        ),
    ] = None,
    checkpoints: Annotated[bool, typer.Option("--checkpoints", help="Copy the checkpoints too.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Copy the logbook as it is at one moment, while trainings go on, and verify the copy before it gets its name.

    The copy is a logbook: `logbook ls --logbook FOLDER` reads it. Nothing is ever written over. Exit status 3 where
    the copy isn't whole.
    """
    from logbook.backing_up import back_up
    from logbook.errors import StoreError
    from logbook_cli.views.text import clean
    from logbook_cli.views.upkeep import backup_view

    with counting("backup") as tell:
        done = back_up(target, checkpoints=checkpoints, logbook=logbook, tell=tell)
    for line in done.remarks:
        remark(f"warning: {clean(line)}")
    if as_json:
        emit_json(done)
    else:
        emit(backup_view(done))
    raise typer.Exit(StoreError.exit_status if done.problems else 0)
