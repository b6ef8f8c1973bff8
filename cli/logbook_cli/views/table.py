"""A table, and its three looks: for people, as CSV, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from logbook import markdown
from logbook.spreadsheets import inert
from logbook_cli.views.text import Ink, clean, columns_of, cut, pad, show_number

__all__ = [
    "Cell",
    "Column",
    "Table",
    "number_cell",
    "render_csv",
    "render_markdown",
    "render_text",
    "split_to",
    "table_of",
]

Cell = str | int | float | None

_GAP = "  "
_INDENT = "    "


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return show_number(cell) if isinstance(cell, float) else clean(cell)


class Column(NamedTuple):
    """A column: `show` makes a cell readable for people. One without a cell to show is left out unless it `is_kept`.

    On a narrow terminal those that are `is_long`, texts that are read and not scanned, stand below their row, whole;
    then those that are `is_spare` are left out, and at last those that are `is_flexible` are cut, to `narrowest`.
    """

    name: str
    show: Callable[[Cell], str] = _shown
    is_number: bool = False
    is_flexible: bool = False
    is_spare: bool = False
    is_kept: bool = False
    is_long: bool = False
    narrowest: int = 8
    style: Callable[[Cell], tuple[str, ...]] = lambda _: ()


class Table(NamedTuple):
    """Columns and rows; the cells are values, not yet text."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]


def table_of(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """Return values under names as a table, all of it kept; a column without text is one of numbers."""
    columns = []
    for index, name in enumerate(names):
        is_text = any(isinstance(row[index], str) for row in rows)
        columns.append(Column(name, is_flexible=is_text, is_number=not is_text))
    return Table(tuple(column._replace(is_kept=True) for column in columns), rows)


def number_cell(cell: Cell) -> str:
    """Return the number of a cell in four figures; empty where there is none."""
    return show_number(cell) if isinstance(cell, int | float) else ""


def render_text(table: Table, *, ink: Ink, width: int | None = None) -> str:
    """Return the table in aligned columns, brought to the width of a terminal as its columns say.

    Worked out column by column: a list of all runs has tens of thousands of cells.
    """
    table = Table(tuple(column._replace(name=clean(column.name)) for column in table.columns), table.rows)
    values = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    shown = [[*map(column.show, cells)] for column, cells in zip(table.columns, values, strict=True)]
    used = [index for index, texts in enumerate(shown) if not texts or any(texts) or table.columns[index].is_kept]
    below: list[int] = []
    if width is not None and _total(_widths(table, shown, used)) > width:
        below = [index for index in used if table.columns[index].is_long and any(shown[index])]
    used = [index for index in used if index not in below]
    widths = _fit(table, _widths(table, shown, used), width)
    columns = [_painted(table.columns[i], values[i], shown[i], widths[i], ink) for i in used if i in widths]
    lines = [_GAP.join(line).rstrip() for line in zip(*columns, strict=True)]
    for row, line in enumerate(lines[1:]) if below else ():
        texts = [f"{table.columns[i].name}: {shown[i][row]}" for i in below if shown[i][row]]
        lines[row + 1] = "\n".join([line, *(one for text in texts for one in _wrapped(text, width or 0))])
    return "\n".join(lines)


def split_to(table: Table, width: int | None) -> list[Table]:
    """Return a table as several that fit the width: the first column, and beside it as many others as there is room."""
    if width is None:
        return [table]
    values = list(zip(*table.rows, strict=True))
    wide = [
        max(columns_of(column.name), _widest([*map(column.show, cells)]))
        for column, cells in zip(table.columns, values, strict=True)
    ]
    groups: list[list[int]] = []
    for index in range(1, len(wide)):
        if not groups or wide[0] + sum(len(_GAP) + wide[one] for one in (*groups[-1], index)) > width:
            groups.append([])
        groups[-1].append(index)
    return [
        Table(
            tuple(table.columns[one] for one in (0, *group)),
            [row for row in ([cells[one] for one in (0, *group)] for cells in table.rows) if any(row[1:])],
        )
        for group in groups
    ]


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)


def render_csv(table: Table) -> str:
    """Return the table as CSV with full figures; a cell that a spreadsheet would run as a formula gets a `'`."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([inert(column.name) for column in table.columns])
    writer.writerows([[inert(cell) for cell in row] for row in table.rows])
    return buffer.getvalue()


def render_markdown(table: Table) -> str:
    """Return the table as GitHub-flavoured Markdown."""
    columns = table.columns
    first = markdown.head([clean(column.name) for column in columns], [column.is_number for column in columns])
    rows = ([column.show(cell) for column, cell in zip(columns, row, strict=True)] for row in table.rows)
    return "\n".join([first, *map(markdown.line, rows)])


def _widths(table: Table, shown: Sequence[Sequence[str]], used: Sequence[int]) -> dict[int, int]:
    return {index: max(columns_of(table.columns[index].name), _widest(shown[index])) for index in used}


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def _fit(table: Table, wanted: dict[int, int], width: int | None) -> dict[int, int]:
    """Return the width of each column that there is room for; the widest flexible one gives way first."""
    widths = dict(wanted)
    spare = [index for index in widths if table.columns[index].is_spare]
    while width is not None and _total(widths) > width:
        if spare:
            del widths[spare.pop()]
            continue
        flexible = [i for i in widths if table.columns[i].is_flexible and widths[i] > table.columns[i].narrowest]
        if not flexible:
            break
        widest = max(flexible, key=lambda i: widths[i])
        widths[widest] -= 1
    return widths


def _widest(texts: Sequence[str]) -> int:
    return max(map(len if _is_ascii(texts) else columns_of, texts), default=0)


def _is_ascii(texts: Sequence[str]) -> bool:
    return all(map(str.isascii, texts))


def _painted(column: Column, cells: Sequence[Cell], texts: Sequence[str], width: int, ink: Ink) -> list[str]:
    """Return the lines of a column, its name first: cut, filled up to its width, and in its colours."""
    head = ink.paint(_placed(column, [column.name], width)[0], "dim")
    placed = _placed(column, texts, width)
    if not ink.is_on:
        return [head, *placed]
    return [head, *(ink.paint(text, *column.style(cell)) for text, cell in zip(placed, cells, strict=True))]


def _placed(column: Column, texts: Sequence[str], width: int) -> list[str]:
    if column.is_flexible and _widest(texts) > width:
        texts = [cut(text, width) for text in texts]
    if _is_ascii(texts):
        return [text.rjust(width) if column.is_number else text.ljust(width) for text in texts]
    return [pad(text, width, right=column.is_number) for text in texts]
