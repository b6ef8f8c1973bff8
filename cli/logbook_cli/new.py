"""`logbook new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, hint, remark

__all__ = ["new"]


def new(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The file to write.", show_default=False)
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="CONFIG", help=f"Derive it: a config file or {options.RUN_HELP[2:]}"),
    ] = None,
    set_: options.Set = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Write a config with the checklist's defaults, each explained; or derive one from an earlier version.

    What is derived keeps the comments of the file that it comes from, and names its parent.
    """
    from logbook.deriving import new_config
    from logbook_cli.views.text import clean

    written = new_config(file, base=from_, overrides=tuple(set_ or ()), force=force, logbook=logbook)
    path = clean(written.path)
    if as_json:
        emit_json({"path": str(written.path), "remarks": written.remarks})
    else:
        emit(path)
    for text in written.remarks:
        remark(f"warning: {clean(text)}")
    hint(f"next: logbook check {path} · logbook run {path}")
