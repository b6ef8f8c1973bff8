"""A table in a text file, its first line the column names. What its cells mean, `cells` says."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from logbook.errors import DataError
from logbook.training.data.sources.cells import Cells
from logbook.training.data.sources.raw import RawData, find_file
from logbook.training.data.sources.table import Table, raw_from_table, roles
from logbook_schemas.config.sources import Csv

__all__ = ["load_csv"]

_DELIMITERS = (",", ";", "\t", "|")


def load_csv(source: Csv, folder: Path, extra: Sequence[str] = ()) -> RawData:
    """Return the table's features, float64 [N, F], and its target: numbers, or text where a cell is no number.

    Without a target column the features stand in its place, for task reconstruction. `extra` are columns that are
    handed over beside these, as numbers or text likewise. Raises DataError with file and line for a missing column, a
    ragged row, or text among numbers.
    """
    file = find_file(source.path, folder)
    table = _read(file, source)
    return raw_from_table(source, table, roles(source, table.columns, extra))


def _read(file: Path, source: Csv) -> Table:
    try:
        # A byte order mark, as spreadsheets write it, is no part of the first column's name.
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=source.delimiter, strict=True)
            return _collect(reader, source, file)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source.path} is not UTF-8 (byte {error.object[error.start]:#04x}); save it as UTF-8"
        ) from error
    except (csv.Error, TypeError, ValueError) as error:
        raise DataError(f"{source.path} can't be read as CSV: {error}") from error
    except OSError as error:
        raise DataError(f"{source.path} can't be read: {error.strerror or error}") from error


def _collect(reader: Any, source: Csv, file: Path) -> Table:
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
    cells = {name: Cells(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True)}
    return Table(source.path, file, columns, cells, tuple(lines))


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def _header(header: list[str], source: Csv, line: int) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in header)
    if not set(source.targets) <= set(columns):
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
    wanted = set(source.targets)
    named = [other for other in others if wanted & {name.strip(' "') for name in text.split(other)}]
    likely = named or ([max(others, key=text.count)] if others and len(header) == 1 else [])
    if likely:
        raise DataError(
            f"{source.path}:{line}: {json.dumps(source.delimiter)} doesn't part the columns, '{_short(text)}';"
            f' write "delimiter": {json.dumps(likely[0])} in data.source'
        )


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"
