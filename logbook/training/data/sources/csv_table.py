"""A table in a text file. A cell is a number or it is empty; anything else is an error with its line.

An empty cell is NaN, which the checklist reports with its row: what is missing is never made up.
"""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import WHOLE, Examples, RawData, find_file
from logbook_schemas.config.sources import Csv
from logbook_schemas.reading import nearest

__all__ = ["load_csv"]

_SHOWN_COLUMNS = 20
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class _Table:
    path: str
    columns: tuple[str, ...]
    cells: dict[str, tuple[str, ...]]
    """Each column's cells, from top to bottom."""
    lines: list[int]
    """The line of the file on which each row ends."""


def load_csv(source: Csv, folder: Path, extra: Sequence[str] = ()) -> RawData:
    """Return the table's features, float64 [N, F], and its target column: numbers, or text where a cell is no number.

    Without a target column the features stand in its place, for task reconstruction. `extra` are columns that are
    handed over beside these, as numbers or text likewise.

    Raises DataError with file and line for a missing column, a ragged row, or text among numbers.
    """
    file = find_file(source.path, folder)
    table = _read(file, source)
    features = _features(source, table, extra)
    inputs = np.stack([_numbers(table, name) for name in features], axis=1)
    targets = inputs if source.target is None else _target(table, source.target)
    return RawData(
        label=f"csv {source.path}",
        parts={WHOLE: Examples(inputs, targets, {name: _target(table, name) for name in extra})},
        columns=features,
        file=file,
        lines=tuple(table.lines),
    )


def _read(file: Path, source: Csv) -> _Table:
    try:
        # A byte order mark, as spreadsheets write it, is no part of the first column's name.
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=source.delimiter, strict=True)
            return _collect(reader, source)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source.path} is not UTF-8 (byte {error.object[error.start]:#04x}); save it as UTF-8"
        ) from error
    except (csv.Error, TypeError, ValueError) as error:
        raise DataError(f"{source.path} can't be read as CSV: {error}") from error
    except OSError as error:
        raise DataError(f"{source.path} can't be read: {error.strerror or error}") from error


def _collect(reader: Any, source: Csv) -> _Table:
    header = next((row for row in reader if row), None)
    if header is None:
        raise DataError(f"{source.path} is empty; expected a first line of column names, and rows")
    columns = _header(header, source, reader.line_num)
    rows: list[list[str]] = []
    lines: list[int] = []
    for row in reader:
        if len(row) != len(columns):
            if not row:
                continue
            raise DataError(
                f"{source.path}:{reader.line_num}: {_values(len(row))}, expected {len(columns)} as the first line has"
            )
        rows.append(row)
        lines.append(reader.line_num)
    if not rows:
        raise DataError(f"{source.path} has column names and no rows")
    cells = dict(zip(columns, zip(*rows, strict=True), strict=True))
    return _Table(source.path, columns, cells, lines)


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def _header(header: list[str], source: Csv, line: int) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in header)
    if source.target not in columns:
        _refuse_other_delimiter(header, source, line)
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{source.path}:{line}: two columns are named '{twice}'; they could not be told apart")
    if "" in columns and "" not in source.ignore:
        place = columns.index("") + 1
        raise DataError(f'{source.path}:{line}: column {place} has no name; name it, or add "" to data.source.ignore')
    return columns


def _refuse_other_delimiter(header: list[str], source: Csv, line: int) -> None:
    """Say which delimiter the file has, where another one gives the target's column, or the only one there is parts."""
    text = source.delimiter.join(header)
    others = [other for other in _DELIMITERS if other != source.delimiter and other in text]
    named = [other for other in others if source.target in [name.strip(' "') for name in text.split(other)]]
    likely = named or ([max(others, key=text.count)] if others and len(header) == 1 else [])
    if likely:
        raise DataError(
            f"{source.path}:{line}: {json.dumps(source.delimiter)} doesn't part the columns, '{_short(text)}';"
            f' write "delimiter": {json.dumps(likely[0])} in data.source'
        )


def _features(source: Csv, table: _Table, extra: Sequence[str]) -> tuple[str, ...]:
    wanted = source.features
    if wanted is None:
        wanted = tuple(name for name in table.columns if name not in extra)
    target = () if source.target is None else (source.target,)
    for name in (*target, *source.ignore, *(source.features or ()), *extra):
        if name not in table.columns:
            raise DataError(_no_column(name, table))
    if source.features is not None and source.target in source.features:
        raise DataError(f"column '{source.target}' of {source.path} is the target; it can't be a feature too")
    features = tuple(name for name in wanted if name != source.target and name not in source.ignore)
    if not features:
        purpose = "to reconstruct" if source.target is None else f"to predict '{source.target}' from"
        raise DataError(f"{source.path} has no column left {purpose}")
    return tuple(dict.fromkeys(features))


def _no_column(name: str, table: _Table) -> str:
    near = nearest(name, table.columns)
    hint = f" (did you mean '{near}'?)" if near else ""
    more = len(table.columns) - _SHOWN_COLUMNS
    shown = ", ".join(table.columns[:_SHOWN_COLUMNS]) + (f" and {more} more" if more > 0 else "")
    return f"{table.path} has no column '{name}'{hint}; its columns are {shown}"


def _numbers(table: _Table, name: str) -> Array:
    cells = table.cells[name]
    numbers = _parse(cells)
    if numbers is not None:
        return numbers
    place = next(place for place, cell in enumerate(cells) if _parse([cell]) is None)
    raise DataError(
        f"{table.path}:{table.lines[place]}: column '{name}' holds '{_short(cells[place])}', expected a number"
        " (an empty cell is a missing value)"
    )


def _parse(cells: Sequence[str]) -> Array | None:
    """Return the cells as float64, empty ones as NaN, or None if one is no number. `1_000` is no number here."""
    if "_" in "".join(cells):
        return None
    with contextlib.suppress(ValueError):
        return np.array(list(map(float, cells)), dtype=np.float64)
    with contextlib.suppress(ValueError):
        return np.array([float(cell) if cell.strip() else np.nan for cell in cells], dtype=np.float64)
    return None


def _target(table: _Table, name: str) -> Array:
    cells = table.cells[name]
    numbers = _parse(cells)
    return numbers if numbers is not None else np.array([cell.strip() for cell in cells], dtype=str)


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"
