"""`logbook diff`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook_cli import options
from logbook_cli.output import emit, emit_json, is_coloured

__all__ = ["diff"]

_HELP = "A run (r42, @-1, amber-heron), a version (digits-mlp@3), the beginning of a config hash, or a config file."


def diff(
    a: Annotated[str | None, typer.Argument(metavar="[A]", help=_HELP, show_default=False)] = None,
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="The same.", show_default=False)] = None,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Say what differs: the config by path, and between two runs code, data, environment and git.

    With one argument, against the defaults; with none, between the newest run and the one before it. What can't
    change a result (names, seeds, hosts) is marked and comes last.
    """
    from logbook.answers import diff_references
    from logbook_cli.views.difference import difference_view
    from logbook_cli.views.text import Ink

    answer = diff_references(a, b, logbook=logbook)
    if as_json:
        emit_json(answer)
    else:
        emit(difference_view(answer, ink=Ink(is_coloured(sys.stdout))))
