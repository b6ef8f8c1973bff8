"""How far one has come: a curve over calendar time, the weeks, the runs that moved it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from logbook.history.progress import best_so_far
from logbook.history.spark import chart
from logbook_cli.views.run import curve_look
from logbook_cli.views.runs import show_moment
from logbook_cli.views.table import Cell, Column, Table, number_cell, render_text
from logbook_cli.views.text import Ink, clean

if TYPE_CHECKING:
    from logbook_schemas.records.progress import Progress, Week

__all__ = ["overview_table", "progress_view", "weeks_table"]

_POINTS = 120
"""Two for each column of the plot."""


def progress_view(found: Progress, *, ink: Ink, width: int | None = None, draws_unicode: bool = True) -> str:
    """Return the sentence, the curve, where one was week by week, and the runs that moved it."""
    parts = [ink.paint(clean(found.sentence), "bold"), _curve(found, ink, draws_unicode)]
    if found.improvements:
        parts += [render_text(table, ink=ink, width=width) for table in (_weeks(found), _improvements(found))]
    if found.left_out:
        parts.append(f"{found.left_out} of these runs monitor something else than {clean(found.metric)}")
    return "\n\n".join(part for part in parts if part)


def weeks_table(progress: Sequence[Progress]) -> Table:
    """Return where one was, week by week, as data: one row for each week of each name."""
    names = ("name", "tag", "metric", "weeks_ago", "at", "best", "run", "gain", "runs_since")
    numbers = ("weeks_ago", "best", "gain", "runs_since")
    columns = tuple(
        Column(name=name, show=_day) if name == "at" else Column(name=name, is_number=name in numbers) for name in names
    )
    rows = [
        (one.name, one.tag, one.metric, week.weeks_ago, week.at, week.best, week.run, week.gain, week.runs)
        for one in progress
        for week in one.weeks
    ]
    return Table(columns, rows)


def overview_table(progress: Sequence[Progress]) -> Table:
    """Return one line for each name."""
    weeks = progress[0].weeks[-1].weeks_ago
    columns = (
        Column(name="name", is_flexible=True, style=lambda _: ("bold",)),
        Column(name="metric"),
        Column(name="best", is_number=True, show=number_cell),
        Column(name="by"),
        Column(name="since", show=_day),
        Column(name=f"{weeks} weeks ago" if weeks > 1 else "a week ago", is_number=True, show=number_cell),
        Column(name="better by", is_number=True, show=number_cell),
        Column(name="runs", is_number=True),
        Column(name="no better since", is_number=True),
    )
    rows = [_line(one) for one in progress]
    return Table(columns, rows)


def _line(one: Progress) -> tuple[Cell, ...]:
    best, then = one.improvements[-1] if one.improvements else None, one.weeks[-1]
    reached = (best.value, best.id, best.at) if best else (None, None, None)
    return one.name, one.metric, *reached, then.best, then.gain, one.runs, one.runs_since


def _curve(found: Progress, ink: Ink, draws_unicode: bool) -> str:
    if len(found.improvements) < 2:
        return ""
    series = {f"best {clean(found.metric)} so far": best_so_far(found, _POINTS)}
    look = curve_look(1, ink=ink, draws_unicode=draws_unicode)
    first, last = _minute(found.first_at), _minute(found.now)
    ends = (first, last) if first[:10] == last[:10] else (first[:10], last[:10])
    return chart(series, look=look, paint=ink.curve, ends=ends)


def _weeks(found: Progress) -> Table:
    columns = (
        Column(name="when"),
        Column(name="date", show=_day),
        Column(name=f"best {clean(found.metric)}", is_number=True, show=number_cell),
        Column(name="by"),
        Column(name="better now by", is_number=True, show=number_cell),
        Column(name="runs since", is_number=True),
    )
    rows = [
        (_when(week.weeks_ago), week.at, week.best, week.run, week.gain or None, week.runs or None)
        for week in _telling(found.weeks)
    ]
    return Table(columns, rows)


def _telling(weeks: Sequence[Week]) -> list[Week]:
    """Return the weeks that say something: of a stretch without a better run the newest and the oldest one."""
    last = len(weeks) - 1
    return [
        week
        for place, week in enumerate(weeks)
        if place in (0, last) or not weeks[place - 1].run == week.run == weeks[place + 1].run
    ]


def _improvements(found: Progress) -> Table:
    columns = (
        Column(name="moved by", style=lambda _: ("bold",)),
        Column(name="words", is_spare=True),
        Column(name="version", is_flexible=True),
        Column(name="date", show=_minute),
        Column(name=clean(found.metric), is_number=True, show=number_cell),
        Column(name="better by", is_number=True, show=number_cell),
        Column(name="after runs", is_number=True),
    )
    rows = [
        (one.id, one.words, f"{one.name}@{one.version}", one.at, one.value, one.gain, one.runs)
        for one in reversed(found.improvements)
    ]
    return Table(columns, rows)


def _when(weeks: int) -> str:
    return ("now", "a week ago")[weeks] if weeks < 2 else f"{weeks} weeks ago"


def _day(cell: Cell) -> str:
    return show_moment(str(cell))[:10] if cell else ""


def _minute(cell: Cell) -> str:
    return show_moment(str(cell)) if cell else ""
