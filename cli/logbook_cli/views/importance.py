"""What goes with the result, one line a setting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logbook_cli.views.table import Cell, Column, Table, render_text
from logbook_cli.views.text import Ink, clean, cut, show_number, show_value

if TYPE_CHECKING:
    from logbook_schemas.records.importance import Importance, Influence

__all__ = ["importance_table", "importance_view"]

_LONGEST_VALUE = 24


def importance_view(found: Importance, *, ink: Ink, width: int | None = None) -> str:
    """Return a sentence on the runs, and the settings: first those that clearly go with the result."""
    lines = [_head(found)]
    if not found.influences:
        lines.append("nothing can be said: no setting varies over five runs or more")
        return "\n".join(lines)
    clear = [one for one in found.influences if one.is_clear]
    unclear = [one for one in found.influences if not one.is_clear]
    if clear:
        lines += ["", render_text(_table(clear, found, shortens=True), ink=ink, width=width)]
    if unclear:
        said = "may be chance:" if clear else "no setting clearly goes with it; these may be chance:"
        lines += ["", ink.paint(said, "dim"), render_text(_table(unclear, found, shortens=True), ink=ink, width=width)]
    if found.forest_score is not None:
        lines += [
            "",
            f"a forest on all of them explains {max(found.forest_score, 0.0):.0%} of the ranks of unseen runs",
        ]
    return "\n".join(lines)


def importance_table(found: Importance) -> Table:
    """Return the settings as data, for a spreadsheet: full figures."""
    return _table(found.influences, found, shortens=False)


def _head(found: Importance) -> str:
    direction = "lower" if found.mode == "min" else "higher"
    counts = "counts" if found.diverged == 1 else "count"
    diverged = f", {found.diverged} of them diverged and {counts} as the worst" if found.diverged else ""
    verb = "is" if found.left_out == 1 else "are"
    left_out = f"; {found.left_out} without a result {verb} left out" if found.left_out else ""
    runs = f"{found.runs} run{'' if found.runs == 1 else 's'}"
    at_best = "" if re.search(r"\.(best|last|first)$|@\d+$", found.metric) else " at its best"
    return f"{clean(found.metric)}{at_best} ({direction} is better) over {runs}{diverged}{left_out}"


def _table(influences: tuple[Influence, ...] | list[Influence], found: Importance, *, shortens: bool) -> Table:
    has_forest = found.forest_score is not None
    columns = [
        Column("setting", is_flexible=True, narrowest=24),
        Column("better"),
        Column("strength", _two, is_number=True),
        *([Column("forest", _two, is_number=True)] if has_forest else []),
        Column("p", _small, is_number=True),
        Column("runs", is_number=True),
        Column("values", is_number=True, is_spare=True),
        Column("best", is_flexible=True),
        Column("median", show_number_cell, is_number=True),
        Column("worst", is_flexible=True, is_spare=True),
        Column("its median", show_number_cell, is_number=True, is_spare=True),
    ]
    return Table(tuple(columns), [_row(one, has_forest=has_forest, shortens=shortens) for one in influences])


def _row(one: Influence, *, has_forest: bool, shortens: bool) -> list[Cell]:
    best, worst = show_value(one.best), show_value(one.worst)
    if shortens:
        best, worst = cut(best, _LONGEST_VALUE), cut(worst, _LONGEST_VALUE)
    row: list[Cell] = [" + ".join(one.paths), one.direction or "", one.strength]
    row += [one.forest] if has_forest else []
    return [*row, one.p, one.runs, one.values, best, one.best_result, worst, one.worst_result]


def show_number_cell(cell: Cell) -> str:
    return "diverged" if cell is None else show_number(float(cell))


def _two(cell: Cell) -> str:
    return "" if cell is None else f"{float(cell):.2f}"


def _small(cell: Cell) -> str:
    return "" if cell is None else f"{float(cell):.2g}"
