"""The record, or a part of it, for other programs: CSV, JSON Lines, JSON and Parquet; for people: Markdown.

A file appears whole or not at all. NaN and infinities stay what they are: in Parquet as such, in CSV and Markdown as
`nan` and `inf`, in JSON by name, since JSON has no word for them; what is missing is empty, null. Numbers are whole, in
Markdown to six figures. A cell of a CSV file that a spreadsheet would run as a formula gets a `'` before it.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from logbook import markdown
from logbook.errors import UsageError
from logbook.files import writing
from logbook.searching import found_numbers
from logbook.spreadsheets import inert
from logbook.store import locate, open_reader
from logbook.store.export import TABLES, ExportColumn, Rows, Value, export_columns, export_rows
from logbook.store.reader import Reader

__all__ = ["FORMATS", "WHAT", "ExportedFile", "export_files", "export_text"]

FORMATS = ("csv", "json", "jsonl", "md", "parquet")
WHAT = (*TABLES, "all")

_SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".md": "md",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_AT_ONCE = 1_000
"""Rows that are held in memory, written and forgotten."""


class ExportedFile(NamedTuple):
    """A file that was written."""

    what: str
    path: Path
    format: str
    rows: int


def export_text(
    what: str = "runs",
    *,
    query: str | None = None,
    run: str | None = None,
    columns: str | None = None,
    format: str | None = None,
    logbook: str | None = None,
) -> Iterator[str]:
    """Yield a table as the text of a CSV file, unless another format is said, some rows at a time."""
    chosen = format or "csv"
    _check(what, chosen, columns)
    if what == "all":
        raise UsageError("all tables need a folder to be written to: --output FOLDER")
    if chosen == "parquet":
        raise UsageError("a Parquet file can't be printed; write it to a file: --output FILE.parquet")
    with open_reader(locate(logbook)) as reader:
        numbers = found_numbers(reader, query=query, run=run)
        yield from _text(what, *_table(reader, what, numbers, columns), chosen)


def export_files(
    output: Path,
    what: str = "runs",
    *,
    query: str | None = None,
    run: str | None = None,
    columns: str | None = None,
    format: str | None = None,
    logbook: str | None = None,
    tell: Callable[[str, int, int], None] = lambda *_: None,
) -> tuple[ExportedFile, ...]:
    """Write a table to a file, whose name says the format; or all tables into a folder, as CSV unless said otherwise.

    `tell` is told of which table the rows are written, of how many runs, and of how many there are.
    Raises UsageError where the file can't be written, and for a format that can't be told.
    """
    chosen = format or ("csv" if what == "all" or output.is_dir() else _SUFFIXES.get(output.suffix.lower(), ""))
    if not chosen:
        raise UsageError(
            f"{output} doesn't say its format: end it in .csv, .json, .jsonl, .md or .parquet, or give --format"
        )
    _check(what, chosen, columns)
    tables = tuple(TABLES) if what == "all" else (what,)
    with open_reader(locate(logbook)) as reader:
        numbers = found_numbers(reader, query=query, run=run)
        with writing(output):
            if what == "all":
                output.mkdir(parents=True, exist_ok=True)
            paths = {one: output / f"{one}.{chosen}" if output.is_dir() else output for one in tables}
            return tuple(
                ExportedFile(one, path, chosen, _write(path, chosen, one, head, _told(rows, len(numbers), one, tell)))
                for one, path in paths.items()
                for head, rows in [_table(reader, one, numbers, columns)]
            )


def _check(what: str, format: str, columns: str | None) -> None:
    from logbook_schemas.reading import nearest

    for word, given, allowed in (("table", what, WHAT), ("format", format, FORMATS)):
        if given not in allowed:
            near = nearest(given, allowed)
            meant = f"did you mean {near!r}? It" if near else "it"
            raise UsageError(f"there is no {word} {given!r} to export; {meant} is one of {', '.join(allowed)}")
    if columns is not None and what != "runs":
        raise UsageError(f"columns are chosen for runs; {what} have columns of their own")


def _table(
    reader: Reader, what: str, numbers: Sequence[int], columns: str | None
) -> tuple[tuple[ExportColumn, ...], Rows]:
    if columns is None:
        return export_columns(reader, what, numbers), export_rows(reader, what, numbers)
    names, cells = reader.columns(numbers, columns)
    rows = [tuple(map(_plain, row)) for row in cells]
    kinds = [_held([row[place] for row in rows]) for place in range(len(names))]
    chosen = tuple(map(ExportColumn, names, kinds))
    # One kind of value a column: a number among texts is written as one.
    rows = [tuple(map(_of_kind, row, kinds)) for row in rows]
    if "id" in names:
        return chosen, iter(rows)
    return (ExportColumn("id"), *chosen), ((f"r{number}", *row) for number, row in zip(numbers, rows, strict=True))


def _plain(value: Any) -> Value:
    return value if value is None or type(value) in (str, int, float) else json.dumps(value, ensure_ascii=False)


def _of_kind(value: Value, kind: str) -> Value:
    return str(value) if kind == "text" and value is not None else value


def _held(values: Sequence[Value]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    return "integer" if kinds == {int} else "number" if kinds and kinds <= {int, float} else "text"


def _text(what: str, columns: Sequence[ExportColumn], rows: Rows, format: str) -> Iterator[str]:
    names = [column.name for column in columns]
    match format:
        case "csv":
            yield from _csv(names, rows)
        case "md":
            yield from _markdown(columns, rows)
        case "json":
            yield from _json(what, names, rows)
        case _:
            yield from _json_lines(names, rows)


def _csv(names: Sequence[str], rows: Rows) -> Iterator[str]:
    lines: Iterable[Sequence[object]] = chain([names], rows)
    for some in _batches(lines):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerows([[inert(cell) for cell in row] for row in some])
        yield buffer.getvalue()


def _markdown(columns: Sequence[ExportColumn], rows: Rows) -> Iterator[str]:
    yield f"{markdown.head([one.name for one in columns], [one.holds != 'text' for one in columns])}\n"
    for some in _batches(rows):
        yield "".join(f"{markdown.line(map(_brief, row))}\n" for row in some)


def _brief(value: Value) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _json(what: str, names: Sequence[str], rows: Rows) -> Iterator[str]:
    """Yield one JSON document, a row a line."""
    yield f'{{"what": {json.dumps(what)}, "rows": ['
    for place, some in enumerate(_batches(rows)):
        yield (",\n" if place else "\n") + ",\n".join(_objects(names, some))
    yield "\n]}\n"


def _json_lines(names: Sequence[str], rows: Rows) -> Iterator[str]:
    for some in _batches(rows):
        yield "".join(f"{one}\n" for one in _objects(names, some))


def _objects(names: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    for row in rows:
        cells = {name: _named(cell) for name, cell in zip(names, row, strict=True)}
        yield json.dumps(cells, ensure_ascii=False, allow_nan=False)


def _named(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _write(path: Path, format: str, what: str, columns: Sequence[ExportColumn], rows: Rows) -> int:
    """Write a file under another name, and rename it when it is whole; return how many rows it has."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    counted = _Counted(rows)
    try:
        if format == "parquet":
            _write_parquet(part, columns, iter(counted))
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                file.writelines(_text(what, columns, iter(counted), format))
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return counted.count


def _write_parquet(path: Path, columns: Sequence[ExportColumn], rows: Rows) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    schema = pa.schema([(column.name, types[column.holds]) for column in columns])
    with parquet.ParquetWriter(path, schema) as writer:
        for some in _batches(rows, 50_000):
            values = [list(column) for column in zip(*some, strict=True)]
            arrays = [pa.array(one, field.type, from_pandas=False) for one, field in zip(values, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _told(rows: Rows, runs: int, what: str, tell: Callable[[str, int, int], None]) -> Rows:
    """Yield rows, telling of each run as its first row passes: rows of one run follow each other."""
    done, before = 0, None
    for row in rows:
        if row[0] != before:
            before = row[0]
            tell(f"{what} of runs", done, runs)
            done += 1
        yield row


class _Counted:
    """Rows, and how many of them there were."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Rows:
        for row in self._rows:
            self.count += 1
            yield row


def _batches(rows: Iterable[Any], size: int = _AT_ONCE) -> Iterator[list[Any]]:
    waiting = iter(rows)
    while some := list(islice(waiting, size)):
        yield some
