"""`logbook report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit_json, remark

__all__ = ["report"]


def report(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN…]", help=options.RUN_HELP)] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file; else named for the runs, here.")
    ] = None,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Write one HTML file to send to a colleague: a run, the newest unless told otherwise, or several compared.

    It holds its pictures and needs nothing else; nothing in it runs.
    """
    from logbook.reports import write_report

    path = write_report(runs or ["@"], output=output, logbook=logbook)
    if as_json:
        emit_json({"file": str(path)})
    else:
        remark(f"{path} is written")
