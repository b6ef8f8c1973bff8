"""`logbook log`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, is_coloured

__all__ = ["log"]


def log(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a config.", show_default=False)],
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Show the versions of a name as a tree: what each changed, its best result and what became of it."""
    from logbook.lineage import log_versions
    from logbook_cli.views.text import Ink
    from logbook_cli.views.versions import versions_view

    tree = log_versions(name, logbook=logbook)
    if as_json:
        emit_json(tree)
    else:
        emit(versions_view(tree, ink=Ink(is_coloured(sys.stdout))))
