"""Which features a step of preparation is about: columns by name, by number, or by a range of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook_schemas.reading import nearest

__all__ = ["Layout", "find_columns"]

_RANGE = re.compile(r"(\d{1,9}):(\d{1,9})")
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What one example looks like at some point of the preparation.

    `columns` names the features of a flat example where they have names. `categories` holds, by column, the names
    of the categories 0, 1, … whose codes stand in it.
    """

    shape: tuple[int, ...]
    columns: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def find_columns(wanted: Sequence[str | int], layout: Layout, *, where: str) -> Array:
    """Return the numbers of the columns, int64, in ascending order.

    Raises DataError, which begins with `where`, for examples that are no rows of features, and for a column that
    isn't there or stands twice.
    """
    if len(layout.shape) != 1:
        raise DataError(f"{where}: columns are of rows of features, but one example has shape {layout.shape}")
    found = [number for one in wanted for number in _numbers(one, layout, where)]
    twice = next((number for number in found if found.count(number) > 1), None) if len(found) < 1000 else None
    if twice is not None or len(set(found)) < len(found):
        raise DataError(f"{where}: column {'' if twice is None else _label(twice, layout)} stands twice")
    if not found:
        raise DataError(f"{where}: the list of columns is empty")
    return np.sort(np.array(found, dtype=np.int64))


def _numbers(one: str | int, layout: Layout, where: str) -> Sequence[int]:
    width = layout.shape[0]
    if isinstance(one, int):
        if one < width:
            return [one]
        raise DataError(f"{where}: there is no column {one}; the {width} columns are numbered from 0")
    if one in layout.columns:
        return [layout.columns.index(one)]
    as_range = _RANGE.fullmatch(one)
    if as_range is None:
        raise DataError(f"{where}: {_unknown(one, layout)}")
    first, end = int(as_range[1]), int(as_range[2])
    if not first < end <= width:
        raise DataError(f"{where}: '{one}' is no range of the {width} columns, numbered from 0, the last not included")
    return range(first, end)


def _label(number: int, layout: Layout) -> str:
    return f"'{layout.columns[number]}'" if number < len(layout.columns) else str(number)


def _unknown(name: str, layout: Layout) -> str:
    if not layout.columns:
        return f"there is no column '{name}': these {layout.shape[0]} columns have numbers from 0, and no names"
    near = nearest(name, layout.columns)
    hint = f" (did you mean '{near}'?)" if near else ""
    more = len(layout.columns) - _SHOWN
    shown = ", ".join(layout.columns[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"there is no column '{name}'{hint}; the columns are {shown}"
