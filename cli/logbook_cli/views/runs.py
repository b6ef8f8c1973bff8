"""Runs in a list: `ls` and `search`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logbook_cli.views.table import Cell, Column, Table, number_cell
from logbook_cli.views.text import clean, show_seconds, show_value

if TYPE_CHECKING:
    from logbook.answers import RunList
    from logbook_schemas.records.searches import SavedSearch
    from logbook_schemas.records.summary import RunSummary

__all__ = ["STATUS_STYLES", "dead_ends_table", "found_table", "runs_table", "searches_table", "show_moment"]

STATUS_STYLES: dict[str, tuple[str, ...]] = {
    "finished": ("green",),
    "early-stopped": ("green",),
    "running": ("cyan",),
    "interrupted": ("yellow",),
    "crashed": ("red",),
    "failed": ("red",),
    "diverged": ("red", "bold"),
}


def runs_table(runs: Sequence[RunSummary]) -> Table:
    """Return the runs as a table; columns that are empty throughout aren't shown to people."""
    columns = (
        Column(name="id", style=lambda _: ("bold",)),
        Column(name="words", is_spare=True),
        Column(name="version", is_flexible=True),
        Column(name="status", style=lambda cell: STATUS_STYLES.get(str(cell), ())),
        Column(name="epochs", is_number=True),
        Column(name="train_loss", is_number=True, is_spare=True, show=number_cell),
        Column(name="val_loss", is_number=True, show=number_cell),
        Column(name="monitor", is_spare=True),
        Column(name="best", is_number=True, show=number_cell),
        Column(name="best_epoch", is_number=True, is_spare=True),
        Column(name="time", is_number=True, show=_seconds),
        Column(name="started", is_spare=True, show=_moment),
        Column(name="outcome", is_flexible=True),
        Column(name="tags", is_flexible=True),
        Column(name="finding", is_flexible=True, style=lambda _: ("yellow",)),
    )
    return Table(columns, [_row(run) for run in runs])


def found_table(found: RunList) -> Table:
    """Return runs with the columns that were asked for, or those of every list; last the words that match."""
    table = _chosen_table(found) if found.columns else runs_table(found.runs)
    if not found.matches:
        return table
    match = Column(name="match", is_flexible=True, is_long=True)
    rows = [[*row, found.matches.get(run.number)] for row, run in zip(table.rows, found.runs, strict=True)]
    return Table((*table.columns, match), rows)


def searches_table(searches: Sequence[SavedSearch]) -> Table:
    """Return the searches that are saved."""
    names = ("name", "query", "sort", "columns", "saved")
    columns = tuple(Column(name=name, is_flexible=name in ("query", "columns")) for name in names[:-1])
    rows = [(one.name, one.query, one.sort, one.columns, one.at) for one in searches]
    return Table((*columns, Column(name="saved", is_spare=True, show=_moment)), rows)


def _chosen_table(found: RunList) -> Table:
    """Return the columns that were asked for, the runs' ids before them where they aren't among them."""
    names, rows = found.columns, [[_cell(cell) for cell in cells] for cells in found.cells]
    if "id" not in names:
        names, rows = ("id", *names), [[run.id, *row] for run, row in zip(found.runs, rows, strict=True)]
    columns = [_column(name, [row[index] for row in rows]) for index, name in enumerate(names)]
    return Table(tuple(column._replace(is_kept=True) for column in columns), rows)


def _column(name: str, cells: Sequence[Cell]) -> Column:
    if name == "id":
        return Column(name=name, style=lambda _: ("bold",))
    if name == "status":
        return Column(name=name, style=lambda cell: STATUS_STYLES.get(str(cell), ()))
    if name in _SHOWN:
        return Column(name=name, is_number=True, show=_SHOWN[name])
    if any(isinstance(cell, str) for cell in cells):
        return Column(name=name, is_flexible=True, is_long=name in _READ)
    return Column(name=name, is_number=True, show=number_cell)


def _cell(cell: object) -> Cell:
    """Return a value as a table may hold it: what is no number and no text as a config has it."""
    return cell if cell is None or type(cell) in (str, int, float) else show_value(cell)  # type: ignore[return-value]


def dead_ends_table(runs: Sequence[RunSummary], *, is_for_people: bool) -> Table:
    """Return dead ends grouped by their cause, the most frequent first; for people a cause is named once."""
    groups: dict[str, list[RunSummary]] = {}
    for run in runs:
        groups.setdefault(run.first_finding or "no finding", []).append(run)
    columns = (
        Column(name="cause", style=lambda _: ("yellow",)),
        Column(name="id", style=lambda _: ("bold",)),
        Column(name="version", is_flexible=True),
        Column(name="status", style=lambda cell: STATUS_STYLES.get(str(cell), ())),
        Column(name="monitor", is_spare=True),
        Column(name="best", is_number=True, show=number_cell),
        Column(name="started", is_spare=True, show=_moment),
        Column(name="outcome"),
        Column(name="reason", is_flexible=True, is_long=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for cause, among in sorted(groups.items(), key=lambda group: -len(group[1])):
        for place, run in enumerate(among):
            counted = f"{cause} ({len(among)})" if is_for_people and len(among) > 1 else cause
            rows.append(("" if is_for_people and place else counted, *_ending(run)))
    return Table(columns, rows)


def show_moment(text: str) -> str:
    """Return a stored moment (UTC) in the reader's own time zone, to the minute."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return clean(text)
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return known.astimezone().strftime("%Y-%m-%d %H:%M")


def _row(run: RunSummary) -> tuple[Cell, ...]:
    return (
        run.id,
        run.words,
        f"{run.name}@{run.version}",
        run.status,
        run.epochs,
        run.last_train_loss,
        run.last_val_loss,
        run.monitor_metric,
        run.best_value,
        run.best_epoch,
        run.seconds,
        run.started_at,
        run.verdict,
        " ".join(run.tags),
        run.first_finding,
    )


def _ending(run: RunSummary) -> tuple[Cell, ...]:
    version = f"{run.name}@{run.version}"
    return (
        *(run.id, version, run.status, run.monitor_metric, run.best_value),
        *(run.started_at, run.verdict, run.outcome_reason),
    )


def _seconds(cell: Cell) -> str:
    return show_seconds(cell) if isinstance(cell, int | float) else ""


def _moment(cell: Cell) -> str:
    return show_moment(str(cell)) if cell else ""


_READ = ("hypothesis", "reason", "finding", "note", "error")
"""Columns of texts that people wrote, or that are written for people."""

_SHOWN = {"seconds": _seconds, "age": _seconds, "started": _moment, "ended": _moment}
