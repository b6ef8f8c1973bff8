"""New rows for a trained network, read as the run read its own: by column, by array, or by their number alone.

What training lets pass with a finding is an error here: of a row with a missing value the network would say nothing.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array, as_array, column_label, numbers_of
from logbook.training.data.features import Features
from logbook.training.data.incoming_images import ImageReader, is_image
from logbook.training.data.incoming_text import TextReader
from logbook.training.data.sources.npy import DAMAGED_HEADER
from logbook.training.data.sources.parquet import read_parquet_columns
from logbook.training.data.table_files import TextTable, read_table
from logbook_schemas.reading import nearest

__all__ = ["Incoming", "RowReader"]

_SHOWN = 12
_TRUTHS = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True)
class Incoming:
    """Rows as the run's source would have given them, [N, ...], and what a person should know of how they were read.

    `files` names the file of each row where each is one of its own. `targets` [N, L] are the tokens after those of a
    text; None elsewhere.
    """

    inputs: Array
    place: Callable[[int], str]
    remarks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    targets: Array | None = None


@dataclass(frozen=True)
class _Columns:
    """Rows by column. `place` names a row for a message, `what` all of them."""

    cells: Mapping[str, Sequence[Any] | Array]
    what: str
    place: Callable[[int], str]


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Reads new rows for one run.

    `run` names it in messages. `beside` are columns that may stand beside the features, unread. `array` is the name
    of the inputs in an archive, `delimiter` what parts the values of a table. Rows without names are taken by their
    number alone, save where `names_needed`: a table of the person's own has its columns in no certain order.
    `images` and `text` read what a run on images or on a text was trained on; `tokens` is how many different ones
    there are, 0 where whole numbers are none.
    """

    features: Features
    run: str
    beside: tuple[str, ...] = ()
    array: str = "x"
    delimiter: str = ","
    names_needed: bool = False
    is_integer: bool = False
    tokens: int = 0
    images: ImageReader | None = None
    text: TextReader | None = None

    def read(self, rows: object) -> Incoming:
        """Return rows [N, ...] of a file (CSV, Parquet, npz, npy, images, text), a table, a list of dicts, or an array.

        Raises DataError, naming line (or row) and column, for what isn't there, isn't known or is no number.
        """
        if isinstance(rows, str | Path):
            return self._read_file(Path(rows))
        columns = _columns_of(rows)
        if columns is not None:
            return self._from_columns(columns)
        return self._from_array(as_array(rows, where="the rows"), "the rows", lambda row: f"row {row}")

    def _read_file(self, path: Path) -> Incoming:
        def place(row: int) -> str:
            return f"{path}, row {row}"

        try:
            if _is_endless(path):
                raise DataError(f"{path} is a device, and no file of rows")
            if path.suffix == ".npz":
                return self._from_array(_read_npz(path, self.array), str(path), place)
            if path.suffix == ".npy":
                return self._from_array(_read_npy(path), str(path), place)
            if path.is_dir() or is_image(path):
                return self._from_images(path)
            if path.suffix.lower() in (".parquet", ".pq"):
                cells = read_parquet_columns(path, self.features.source_columns)
                return self._from_columns(_Columns(cells, str(path), place))
            if self.text is not None:
                examples, remarks = self.text.read(path)
                return Incoming(examples.inputs, place, remarks, targets=examples.targets)
            return self._from_table(read_table(path, self.delimiter))
        except OSError as error:
            raise DataError(f"{path} can't be read: {error.strerror or error}") from error

    def _from_images(self, path: Path) -> Incoming:
        if self.images is None:
            what = "a folder" if path.is_dir() else "an image"
            raise DataError(f"{path} is {what}, and {self.run} was not trained on files of images")
        found = self.images.read(path)
        return Incoming(found.pixels, lambda row: found.files[row], found.remarks, found.files)

    def _from_table(self, table: TextTable) -> Incoming:
        names, count = self.features.source_columns, self.features.count
        is_named = bool(names) and (self.names_needed or not table.is_bare or set(names) <= set(table.header))
        if is_named:
            return self._from_columns(_Columns(table.columns(), str(table.path), table.place))
        if len(table.header) != count:
            raise DataError(
                f"{table.path} has {len(table.header)} columns, but one example of {self.run} is"
                f" {count} numbers{self._shape_told()}"
            )
        rows = table.all_rows if table.is_bare else table
        numbers = [
            _numbers(column, f"column {place + 1}", rows.place)
            for place, column in enumerate(zip(*rows.rows, strict=True))
        ]
        return self._finished(np.stack(numbers, axis=1), rows.place)

    def _from_columns(self, found: _Columns) -> Incoming:
        names = self.features.source_columns
        if not names:
            raise DataError(
                f"{found.what} has columns with names, but the examples of {self.run} have none: give an array of"
                f" {self.features.count} numbers a row{self._shape_told()}"
            )
        missing = [name for name in names if name not in found.cells]
        if missing:
            raise DataError(self._missing(missing, found))
        known = {*names, *self.beside}
        extra = [name for name in found.cells if name not in known]
        parts: list[Array] = []
        for name in names:
            where = f"column '{name}'"
            cells = found.cells[name]
            if name in self.features.one_hot:
                parts.append(_one_hot(cells, self.features.one_hot[name], where, found.place))
            elif name in self.features.categories:
                parts.append(_codes(cells, self.features.categories[name], where, found.place)[:, None])
            else:
                parts.append(_numbers(cells, where, found.place)[:, None])
        remarks = (f"{found.what}: {self.run} was not trained on {_listed(extra)}; ignored",) if extra else ()
        return self._finished(np.concatenate(parts, axis=1), found.place, remarks)

    def _from_array(self, array: Array, what: str, place: Callable[[int], str]) -> Incoming:
        shape, count = self.features.shape, self.features.count
        numbers_of(array, where=what)
        if named := [*self.features.one_hot, *self.features.categories]:
            raise DataError(
                f"{what}: {self.run} was trained on categories ({_listed(named)}); give rows by column name"
            )
        if array.ndim == 1 and count == 1:
            array = array[:, None]
        if array.ndim == 0 or (array.shape[1:] != shape and array.shape[1:] != (count,)):
            flat = f", or (rows, {count})" if shape != (count,) else ""
            wanted = ", ".join(map(str, ("rows", *shape)))
            raise DataError(f"{what} has shape {array.shape}, expected ({wanted}){flat} as {self.run} was trained on")
        if not len(array):
            raise DataError(f"{what} holds no rows")
        return self._finished(array.reshape(len(array), *shape), place)

    def _finished(self, rows: Array, place: Callable[[int], str], remarks: tuple[str, ...] = ()) -> Incoming:
        """Return rows in the source's shape, missing values filled in; DataError for one that is still no number."""
        if rows.dtype.kind == "f":
            if self.features.fillers is not None:
                rows = np.where(np.isnan(rows), self.features.fillers.reshape(rows.shape[1:]), rows)
            broken = ~np.isfinite(rows) & ~self._may_lack(rows)
            if broken.any():
                row, *index = (int(part) for part in np.argwhere(broken)[0])
                flat = int(np.ravel_multi_index(index, rows.shape[1:])) if index else 0
                label = column_label(flat, rows.shape[1:], self.features.columns)
                what = "is missing" if np.isnan(rows[row, *index]) else f"is {rows[row, *index]}"
                raise DataError(f"{place(row)}: the value of column '{label}' {what}; expected a number")
        rows = rows.reshape(len(rows), *self.features.shape)
        return Incoming(self._whole(rows, place) if self.is_integer else rows, place, remarks)

    def _may_lack(self, rows: Array) -> Array:
        """Say which entries of [N, F] are a missing category that training filled in as none of the known ones."""
        if self.features.fillers is None:
            return np.zeros(rows.shape, dtype=bool)
        is_category = np.array([column in self.features.categories for column in self.features.columns], dtype=bool)
        may_lack: Array = np.isnan(rows) & is_category
        return may_lack

    def _whole(self, rows: Array, place: Callable[[int], str]) -> Array:
        """Return whole numbers, which the run's own network looks up in a table."""
        broken = rows != np.round(rows)
        if broken.any():
            row = int(np.argwhere(broken)[0][0])
            raise DataError(f"{place(row)} holds {rows[broken][0]:g}, but {self.run} was trained on whole numbers")
        strange = (rows < 0) | (rows >= self.tokens) if self.tokens else np.zeros(rows.shape, dtype=bool)
        if strange.any():
            row = int(np.argwhere(strange)[0][0])
            raise DataError(
                f"{place(row)} holds {rows[strange][0]:g}, but {self.run} knows the tokens 0 to {self.tokens - 1}"
            )
        return rows.astype(np.int64)

    def _missing(self, missing: list[str], found: _Columns) -> str:
        near = nearest(missing[0], list(found.cells))
        hint = f" (did you mean '{near}'?)" if near else ""
        named = ", ".join(f"'{name}'" for name in missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        return (
            f"{found.what} has no column {named}{hint}; {self.run} was trained on"
            f" {_listed(list(self.features.source_columns))}"
        )

    def _shape_told(self) -> str:
        return f" (shape {self.features.shape})" if len(self.features.shape) > 1 else ""


def _columns_of(rows: object) -> _Columns | None:
    """Return rows that have names by column: a mapping, a list of mappings, a table of pandas; None for others."""
    found: Any = rows
    if hasattr(found, "columns") and hasattr(found, "iloc"):
        return _by_column({str(name): found[name].to_numpy() for name in found.columns})
    if isinstance(rows, Mapping):
        return _by_column({str(name): values for name, values in rows.items()})
    if isinstance(rows, Sequence) and len(rows) and isinstance(rows[0], Mapping):
        names = dict.fromkeys(str(name) for one in found for name in one)
        return _by_column({name: [one.get(name, "") for one in found] for name in names})
    return None


def _by_column(cells: dict[str, Any]) -> _Columns:
    lengths = {len(values) for values in cells.values()}
    if len(lengths) > 1:
        raise DataError(f"the columns of the rows have different lengths: {', '.join(map(str, sorted(lengths)))}")
    if lengths in ({0}, set()):
        raise DataError("there are no rows")
    return _Columns(cells, "the rows", lambda row: f"row {row}")


def _numbers(cells: Sequence[Any] | Array, where: str, place: Callable[[int], str]) -> Array:
    """Return a column as float64, NaN where a cell is empty."""
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "biuf":
        return cells.astype(np.float64)
    return np.array([_number(cell, row, where, place) for row, cell in enumerate(cells)], dtype=np.float64)


def _number(cell: Any, row: int, where: str, place: Callable[[int], str]) -> float:
    if cell is None:
        return float("nan")
    if isinstance(cell, str):
        text = cell.strip()
        if not text:
            return float("nan")
        if text.lower() in _TRUTHS:
            return _TRUTHS[text.lower()]
    try:
        if not (isinstance(cell, str) and "_" in cell):
            return float(cell)
    except (TypeError, ValueError):
        pass
    raise DataError(f"{place(row)}: {where} holds {_short(cell)}, expected a number")


def _one_hot(cells: Sequence[Any] | Array, known: tuple[str, ...], where: str, place: Callable[[int], str]) -> Array:
    """Return [N, categories] of 0 and 1, NaN in all where a cell is empty; DataError for an unknown category."""
    codes = _codes(cells, known, where, place)
    found: Array = (codes[:, None] == np.arange(len(known))).astype(np.float64)
    found[np.isnan(codes)] = np.nan
    return found


def _codes(cells: Sequence[Any] | Array, known: tuple[str, ...], where: str, place: Callable[[int], str]) -> Array:
    """Return the code of each category, NaN where a cell is empty; DataError for an unknown category."""
    numbers = {name: index for index, name in enumerate(known)} | {"": np.nan}
    names = [_category(cell) for cell in cells]
    for row, name in enumerate(names):
        if name not in numbers:
            near = nearest(name, known)
            hint = f"; did you mean '{near}'?" if near else ""
            raise DataError(
                f"{place(row)}: {where} holds {_short(cells[row])}, which is none of the categories that the run was"
                f" trained on: {_listed(list(known))}{hint}"
            )
    return np.array([numbers[name] for name in names], dtype=np.float64)


def _category(cell: Any) -> str:
    """Return the name of a category; numbers are told as the run's own record tells them: 3, not 3.0."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    text = str(float(cell) if isinstance(cell, bool | np.bool_) else cell).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    if number != number:
        return ""
    return str(int(number)) if number.is_integer() else repr(number)


def _is_endless(path: Path) -> bool:
    """Say whether a path leads to a device; a pipe, and what somebody types, have an end."""
    mode = path.stat().st_mode
    return stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not path.resolve().is_relative_to("/dev/pts"))


def _read_npz(path: Path, name: str) -> Array:
    from logbook.training.data.sources.npz import read_archive

    return read_archive(path, name)


def _read_npy(path: Path) -> Array:
    with path.open("rb") as stream:
        try:
            array: object = np.load(stream, allow_pickle=False)
        except (ValueError, EOFError, *DAMAGED_HEADER) as error:
            raise DataError(f"{path} is no NumPy array (.npy): {error}") from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path} is an archive of arrays; call it .npz")
    return array


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _short(cell: Any) -> str:
    text = str(cell)
    return f"'{text if len(text) <= 40 else text[:39] + '…'}'"
