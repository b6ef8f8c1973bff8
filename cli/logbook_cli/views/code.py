"""The sources of a run, each below a line that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbook_cli.views.table import Column, Table, render_text
from logbook_cli.views.text import Ink, clean, clean_block

if TYPE_CHECKING:
    from logbook_schemas.records.reruns import CodeDocument, SourceFile

__all__ = ["code_view", "listing"]

_STYLES = {"+": ("green",), "-": ("red",), "@": ("cyan",)}


def code_view(code: CodeDocument, *, ink: Ink) -> str:
    """Return the list of the sources, then each of them."""
    return "\n\n".join([listing(code, ink=ink), *(_file(file, ink) for file in code.files)])


def listing(code: CodeDocument, *, ink: Ink) -> str:
    """Return whose code it is, and its files with their lines and sizes."""
    state = f"commit {code.commit[:12]}{', with uncommitted changes' if code.dirty else ''}" if code.commit else ""
    where = f", {state}" if state else ""
    head = f"{ink.paint(code.id, 'bold')} {clean(code.words)}  {clean(code.name)}@{code.version}"
    if not code.files:
        return f"{head}\nit loaded no code of your own{where}"
    columns = (Column(name="file"), Column(name="lines", is_number=True), Column(name="bytes", is_number=True))
    rows = [[clean(file.path), _count(file.lines), _count(file.size), _remark(file)] for file in code.files]
    table = render_text(Table((*columns, Column(name="")), rows), ink=ink)
    return f"{head}\ncode {code.identity[:12]}{where}\n{table}"


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _remark(file: SourceFile) -> str:
    if file.text is None:
        return f"not kept: {clean(file.left_out)}"
    return "what looked like a secret was removed" if file.masked else ""


def _file(file: SourceFile, ink: Ink) -> str:
    head = ink.paint(f"==> {clean(file.path)} <==", "bold")
    if file.text is None:
        return f"{head}\n(not kept: {clean(file.left_out)})"
    if file.diff is None:
        return f"{head}\n{clean_block(file.text.expandtabs(4).rstrip())}"
    if not file.diff:
        return f"{head}\n(the same now)"
    lines = (ink.paint(clean(line), *_STYLES.get(line[:1], ())) for line in file.diff.splitlines())
    return "\n".join([head, *lines])
