"""`logbook schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, hint

__all__ = ["schema"]


def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Which one; none lists them.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write it to a file, for an editor.", show_default=False),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Print the JSON Schema of the config, or of what a command prints with --json."""
    from logbook.json_schemas import SCHEMAS, json_schema, write_json_schema

    if name is None and output is not None:
        raise typer.BadParameter("say which schema to write: logbook schema config --output config.v1.json")
    if name is None:
        if as_json:
            emit_json({"schemas": SCHEMAS})
        else:
            emit("\n".join(f"{one:<8} {about}" for one, about in SCHEMAS.items()))
    elif output is not None:
        write_json_schema(name, output)
        hint(f'{output} is written; a config names it first thing: {{"$schema": "{output}", …}}')
    else:
        emit_json(json_schema(name))
