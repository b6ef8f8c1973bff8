"""A table with its columns' roles: from cells to inputs and targets. CSV and Parquet files become one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.cells import Cells, read_feature, read_target
from logbook.training.data.sources.raw import WHOLE, Examples, RawData
from logbook_schemas.config.sources import Csv, Parquet
from logbook_schemas.reading import nearest

__all__ = ["Table", "raw_from_table", "roles"]

_SHOWN_COLUMNS = 20


@dataclass(frozen=True)
class Table:
    """The cells of a file by column, read once. `lines` are those of a text file on which each row ends."""

    path: str
    file: Path
    columns: tuple[str, ...]
    cells: Mapping[str, Cells] = field(default_factory=dict)
    lines: tuple[int, ...] = ()

    def place(self, row: int) -> str:
        """Name a row for a message."""
        return f"{self.path}:{self.lines[row]}" if self.lines else f"{self.path}, row {row}"


@dataclass(frozen=True)
class Roles:
    """The columns of a table that a config asks for."""

    features: tuple[str, ...]
    targets: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is to be read, each once."""
        return tuple(dict.fromkeys((*self.features, *self.targets, *self.extra)))


def roles(source: Csv | Parquet, columns: tuple[str, ...], extra: Sequence[str]) -> Roles:
    """Return which column is what. Raises DataError for a column that isn't there, or that has two roles."""
    targets = source.targets
    wanted = source.features
    if wanted is None:
        wanted = tuple(name for name in columns if name not in extra)
    for name in (*targets, *source.ignore, *(source.features or ()), *source.categorical, *extra):
        if name not in columns:
            raise DataError(_no_column(name, source.path, columns))
    features = tuple(dict.fromkeys(name for name in wanted if name not in targets and name not in source.ignore))
    if source.features is not None and (both := [name for name in targets if name in source.features]):
        raise DataError(f"column '{both[0]}' of {source.path} is the target; it can't be a feature too")
    if not features:
        purpose = f"to predict '{targets[0]}' from" if targets else "to reconstruct"
        raise DataError(f"{source.path} has no column left {purpose}")
    stray = next((name for name in source.categorical if name not in features), None)
    if stray is not None:
        raise DataError(f"column '{stray}' of {source.path} is in data.source.categorical and is no feature")
    return Roles(features, targets, tuple(extra))


def raw_from_table(source: Csv | Parquet, table: Table, found: Roles) -> RawData:
    """Return features, float64 [N, F], with codes where a column holds categories, and targets, [N] or [N, K].

    Raises DataError for a cell that can't be read as its column's role wants it, naming its line.
    """
    features = {name: read_feature(table.cells[name], name, source, table.place) for name in found.features}
    targets = [
        read_target(table.cells[name], name, table.place, several=len(found.targets) > 1) for name in found.targets
    ]
    inputs = np.stack([feature.values for feature in features.values()], axis=1)
    if not targets:
        targets = [inputs]
    target = targets[0] if len(targets) == 1 else np.stack(targets, axis=1)
    extra = {name: table.cells[name].as_written() for name in found.extra}
    rows, notes = _kept_rows(source, inputs, target)
    if len(rows) < len(inputs):
        inputs, target = inputs[rows], target[rows]
        extra = {name: array[rows] for name, array in extra.items()}
    return RawData(
        label=f"{source.kind} {source.path}",
        parts={WHOLE: Examples(inputs, target, extra)},
        columns=found.features,
        classes=found.targets if len(found.targets) > 1 else (),
        file=table.file,
        lines=tuple(table.lines[row] for row in rows) if table.lines else (),
        categories={name: feature.categories for name, feature in features.items() if feature.categories},
        notes=notes,
    )


def _kept_rows(source: Csv | Parquet, inputs: Array, target: Array) -> tuple[Array, tuple[str, ...]]:
    """Return the rows that stay where those that lack a value are dropped."""
    rows = np.arange(len(inputs))
    if source.missing.kind != "drop":
        return rows, ()
    lacks = np.isnan(inputs).any(axis=1) | _lacks_target(target)
    if lacks.all():
        raise DataError(f"{source.path}: every row lacks a value, so that data.source.missing 'drop' leaves none")
    dropped = int(lacks.sum())
    if not dropped:
        return rows, ()
    return rows[~lacks], (f"{source.kind} {source.path}: {dropped} of {len(rows)} rows lack a value and are left out",)


def _lacks_target(target: Array) -> Array:
    if target.dtype.kind in "US":
        return np.isin(target, ("",))
    if target.dtype.kind != "f":
        return np.zeros(len(target), dtype=bool)
    return np.asarray(np.isnan(target).reshape(len(target), -1).any(axis=1))


def _no_column(name: str, path: str, columns: tuple[str, ...]) -> str:
    near = nearest(name, columns)
    hint = f" (did you mean '{near}'?)" if near else ""
    more = len(columns) - _SHOWN_COLUMNS
    shown = ", ".join(columns[:_SHOWN_COLUMNS]) + (f" and {more} more" if more > 0 else "")
    return f"{path} has no column '{name}'{hint}; its columns are {shown}"
