"""`logbook show`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from logbook.errors import UsageError
from logbook_cli import options
from logbook_cli.output import draws_unicode, emit, emit_bytes, emit_json, is_coloured, remark

__all__ = ["show"]


def show(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help=options.RUN_HELP)] = "@",
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="With --code: this source alone.", show_default=False)
    ] = None,
    code: Annotated[bool, typer.Option("--code", help="Show the source as it was, all of it or PATH.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="With --code: how the files have changed since.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Tell every finding at length: symptoms and notes too.")] = False,
    as_json: options.AsJson = False,
    logbook: options.Logbook = None,
) -> None:
    """Show one run, the newest unless told otherwise: config, curves, findings, provenance."""
    if code:
        _show_code(run, path, diff=diff, as_json=as_json, logbook=logbook)
        return
    if path is not None or diff:
        raise UsageError(f"{'--diff' if path is None else f'the path {path!r}'} goes with --code")
    from logbook.answers import show_run
    from logbook_cli.views.run import run_view
    from logbook_cli.views.text import Ink

    found = show_run(run, logbook=logbook, layers=as_json)
    if as_json:
        from logbook.history.documents import run_document

        emit_json(run_document(found))
    else:
        emit(run_view(found, ink=Ink(is_coloured(sys.stdout)), draws_unicode=draws_unicode(), is_full=full))


def _show_code(run: str, path: str | None, *, diff: bool, as_json: bool, logbook: str | None) -> None:
    from logbook.sources import read_source, show_code
    from logbook_cli.views.code import code_view, listing
    from logbook_cli.views.text import Ink

    found = show_code(run, path=path, diff=diff, logbook=logbook)
    if as_json:
        emit_json(found)
    elif path is not None and not diff and found.files[0].text is not None and not sys.stdout.isatty():
        # Into a file or a pipe goes the source itself, to the byte; what is to be said of it goes to stderr.
        remark(listing(found, ink=Ink(is_coloured(sys.stderr))))
        emit_bytes(read_source(found.id, found.files[0].path, logbook=logbook))
    else:
        emit(code_view(found, ink=Ink(is_coloured(sys.stdout))))
