"""`logbook export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, remark

__all__ = ["export"]


def export(
    run: options.Run,
    commented: Annotated[bool, typer.Option("--commented", help="The config, its losses below as comments.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write it to a file.", show_default=False)
    ] = None,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Write the config of a run with every epoch's losses as comments: a valid config with the same hash."""
    from logbook.deriving import commented_config
    from logbook.errors import UsageError

    if not commented:
        raise UsageError(f"say what to export: logbook export {run} --commented")
    text = commented_config(run, logbook=logbook)
    if output is None:
        if as_json:
            emit_json({"text": text})
        else:
            emit(text.rstrip("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} can't be written: {error.strerror or error}") from error
    remark(f"{output} is written")
