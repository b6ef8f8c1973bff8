"""`logbook log`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, is_coloured, remark, width

__all__ = ["log"]


def log(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a config.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many versions, the newest.")] = 50,
    show_all: Annotated[bool, typer.Option("--all", help="Every version there is.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Show the versions of a name as a tree: what each changed, its best result and what became of it."""
    from logbook.lineage import log_versions
    from logbook_cli.views.text import Ink
    from logbook_cli.views.versions import versions_view

    most = None if as_json or show_all else limit
    tree = log_versions(name, limit=None if most is None else most + 1, logbook=logbook)
    if as_json:
        emit_json(tree)
        return
    emit(versions_view(tree, ink=Ink(is_coloured(sys.stdout)), most=most, width=width(sys.stdout)))
    if most is not None and len(tree.versions) > most:
        remark(f"the newest {most}; --all shows every version")
