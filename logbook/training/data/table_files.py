"""Tables in text files as they stand: the first line, the rows, and the line of the file on which each row ends."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from logbook.errors import DataError

__all__ = ["TextTable", "read_table"]


@dataclass(frozen=True)
class TextTable:
    """`header` is the first line, whether it holds names or values already; `lines` are counted from 1."""

    path: Path
    header: tuple[str, ...]
    header_line: int
    rows: list[list[str]]
    lines: list[int]

    @property
    def is_bare(self) -> bool:
        """Whether the first line holds numbers, so that it is a row and no names."""
        return all(map(_is_number, self.header))

    @property
    def all_rows(self) -> TextTable:
        """The same with the first line among the rows."""
        return replace(self, rows=[list(self.header), *self.rows], lines=[self.header_line, *self.lines])

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Return the cells by column; DataError where two columns have one name."""
        twice = next((name for name in self.header if self.header.count(name) > 1), None)
        if twice is not None:
            raise DataError(
                f"{self.path}:{self.header_line}: two columns are named '{twice}'; they could not be told apart"
            )
        return dict(zip(self.header, zip(*self.rows, strict=True), strict=True))

    def place(self, row: int) -> str:
        """Name a row for a message."""
        return f"{self.path}:{self.lines[row]}"


def read_table(path: Path, delimiter: str) -> TextTable:
    """Return the cells of a CSV file. Raises DataError for no text, no rows or a ragged row; OSError as it comes."""
    try:
        # A byte order mark, as spreadsheets write it, is no part of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            found = [(row, reader.line_num) for row in reader if row]
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.object[error.start]:#04x}); save it as UTF-8") from error
    except csv.Error as error:
        raise DataError(f"{path} can't be read as CSV: {error}") from error
    if not found:
        raise DataError(f"{path} is empty; expected a first line of column names, and rows")
    (header, first), rows = found[0], found[1:]
    for row, line in rows:
        if len(row) != len(header):
            found_here = "1 value" if len(row) == 1 else f"{len(row)} values"
            raise DataError(f"{path}:{line}: {found_here}, expected {len(header)} as the first line has")
    table = TextTable(
        path, tuple(name.strip() for name in header), first, [row for row, _ in rows], [n for _, n in rows]
    )
    if not rows and not table.is_bare:
        raise DataError(f"{path} has column names and no rows")
    return table


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
