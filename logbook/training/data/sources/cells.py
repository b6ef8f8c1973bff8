"""What the cells of one column are: numbers, true and false, or categories. Anything doubtful is an error.

A column of text is one of categories only if none of its cells is a number, a date, or a number in another notation:
one `n/a` among a thousand numbers must not make a thousand categories of them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook_schemas.config.sources import Csv, Parquet

__all__ = ["Cells", "Feature", "read_feature", "read_target"]

_BOOLEANS = {"true": 1.0, "false": 0.0}
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})|\d{1,2}[ -][A-Za-z]{3,9}\.?[ -]\d{4}"
    r"|[A-Za-z]{3,9}\.? \d{1,2}, ?\d{4})([T ]+\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)
_OTHER_NUMBER = re.compile(r"[-+]?[$€£¥]?\s?[-+]?(\d[\d.,_' ]*[%$€£¥]?|0x[0-9A-Fa-f]+)")
_SHOWN = 3

Place = Callable[[int], str]


@dataclass(frozen=True)
class Cells:
    """The cells of one column, from top to bottom: text, an empty one missing, or an array where the file has types.

    `dates` says that the file's own type is a date or a time, `is_category` that it is a category.
    """

    values: Sequence[str] | Array
    dates: bool = False
    is_category: bool = False

    def as_written(self) -> Array:
        """Return numbers where all cells are, else text: what rows are grouped or ordered by."""
        if isinstance(self.values, np.ndarray):
            return self.values
        numbers = _parse(self.values)
        return numbers if numbers is not None else _stripped(self.values)


@dataclass(frozen=True)
class Feature:
    """A column as float64 [N], NaN where a value is missing; codes of categories, where these are named."""

    values: Array
    categories: tuple[str, ...] = ()


def read_feature(cells: Cells, name: str, source: Csv | Parquet, place: Place) -> Feature:
    """Return one feature. Raises DataError naming a cell that is a date, or neither a number nor a category."""
    if name in source.categorical or cells.is_category:
        return _categories(cells, name, source)
    if isinstance(cells.values, np.ndarray):
        return Feature(cells.values.astype(np.float64))
    numbers = _parse(cells.values)
    if numbers is not None:
        return Feature(numbers)
    text = _first_rows(cells.values)
    _refuse_dates(text, name, place, is_typed=cells.dates)
    if (truths := _truths(cells.values)) is not None:
        return Feature(truths)
    _refuse_doubtful(text, name, place)
    return _categories(cells, name, source)


def read_target(cells: Cells, name: str, place: Place, *, several: bool) -> Array:
    """Return a target: numbers, or text where a cell is no number. One of several must be numbers or true and false."""
    if isinstance(cells.values, np.ndarray):
        return cells.values.astype(np.float64) if several else cells.values
    numbers = _parse(cells.values)
    if numbers is not None:
        return numbers
    text = _first_rows(cells.values)
    _refuse_dates(text, name, place, is_typed=cells.dates)
    if not several:
        return _stripped(cells.values)
    if (truths := _truths(cells.values)) is not None:
        return truths
    cell = next(cell for cell in text if _parse([cell]) is None)
    raise DataError(
        f"{place(text[cell])}: target '{name}' holds '{_short(cell)}', expected a number: only one target alone may be"
        " text"
    )


def _categories(cells: Cells, name: str, source: Csv | Parquet) -> Feature:
    """Return the codes of a column's categories, which are sorted: as numbers where all are, else as text."""
    numbers = cells.values if isinstance(cells.values, np.ndarray) else _parse(cells.values)
    values: list[float | None] | list[str | None]
    if numbers is not None:
        values = [None if np.isnan(value) else value for value in numbers.astype(np.float64).tolist()]
    else:
        values = [None if _is_missing(cell.strip()) else cell.strip() for cell in cells.values]
    known: list[Any] = sorted({value for value in values if value is not None})
    if len(known) > source.max_categories:
        shown = ", ".join(f"'{_short(_category(value))}'" for value in known[:_SHOWN])
        raise DataError(
            f"{source.path}: column '{name}' holds {len(known)} different categories ({shown}, …), more than"
            f" data.source.max_categories, {source.max_categories}; leave it out with data.source.ignore, or raise that"
        )
    if not known:
        raise DataError(f"{source.path}: column '{name}' holds no value at all; leave it out with data.source.ignore")
    codes = {value: float(code) for code, value in enumerate(known)}
    return Feature(
        np.array([np.nan if value is None else codes[value] for value in values]), tuple(map(_category, known))
    )


def _category(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value.is_integer() else repr(value)


def _first_rows(cells: Sequence[str]) -> dict[str, int]:
    """Return the different cells, stripped, each with the first row in which it stands.

    Not an array: NumPy would give every cell the room of the longest.
    """
    rows: dict[str, int] = {}
    for row, cell in enumerate(cells):
        rows.setdefault(cell.strip(), row)
    return rows


def _refuse_dates(text: dict[str, int], name: str, place: Place, *, is_typed: bool) -> None:
    found = next((cell for cell in text if _is_date(cell, is_typed=is_typed)), None)
    if found is not None:
        raise DataError(
            f"{place(text[found])}: column '{name}' holds dates or times ('{_short(found)}'), which are no amounts;"
            f" make numbers of it first (days since the first, the month, the weekday), or leave it out:"
            f' "ignore": ["{name}"] in data.source'
        )


def _is_date(cell: str, *, is_typed: bool) -> bool:
    return bool(cell) and (is_typed or _DATE.fullmatch(cell) is not None)


def _refuse_doubtful(text: dict[str, int], name: str, place: Place) -> None:
    """Refuse a column of text in which some cell is a number, or looks like one that is written another way."""
    said = [cell for cell in text if not _is_missing(cell)]
    words = [cell for cell in said if _parse([cell]) is None]
    if len(words) < len(said):
        odd, how = words[0], "expected a number (an empty cell is a missing value; of"
    elif others := [cell for cell in words if _OTHER_NUMBER.fullmatch(cell)]:
        odd, how = others[0], "expected a number written like 1234.5 (of"
    else:
        return
    raise DataError(
        f"{place(text[odd])}: column '{name}' holds '{_short(odd)}', {how} codes that are no amounts, name the column"
        " in data.source.categorical)"
    )


def _truths(cells: Sequence[str]) -> Array | None:
    """Return 1 and 0 for a column of true and false, NaN where a cell is empty, or None for any other column."""
    lowered = [cell.strip().lower() for cell in cells]
    if not set(lowered) <= {*_BOOLEANS, ""}:
        return None
    return np.array([_BOOLEANS.get(cell, np.nan) for cell in lowered])


def _parse(cells: Sequence[str]) -> Array | None:
    """Return the cells as float64, empty ones as NaN, or None if one is no number. `1_000` is no number here."""
    if "_" in "".join(cells):
        return None
    with contextlib.suppress(ValueError):
        return np.array(list(map(float, cells)), dtype=np.float64)
    with contextlib.suppress(ValueError):
        # Stripped as everywhere: `float` itself refuses some characters that `strip` takes for blanks.
        stripped = map(str.strip, cells)
        return np.array([float(cell) if cell else np.nan for cell in stripped], dtype=np.float64)
    return None


def _stripped(cells: Sequence[str]) -> Array:
    return np.array([cell.strip() for cell in cells], dtype=str)


def _is_missing(cell: str) -> bool:
    return cell.lower() in ("", "nan")


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"
