"""Columns of categories become a column for each category, 1 where it is that one: a network can't order them (S1-04).

The categories are those of all rows, before any split: a shape that depends on the split would change with its seed.
What leaks is their names alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import RawData

__all__ = ["one_hot_categories"]


def one_hot_categories(raw: RawData) -> RawData:
    """Return the source with each column of codes as one of 0 and 1 for each category, `colour=red`, in its place.

    A missing category is NaN in all of them.
    """
    if not raw.categories:
        return raw
    parts = {name: replace(part, inputs=_expanded(raw, part.inputs)) for name, part in raw.parts.items()}
    columns = tuple(name for column in raw.columns for name in _names(raw, column))
    return replace(raw, parts=parts, columns=columns, categories={}, one_hot=raw.categories)


def _names(raw: RawData, column: str) -> tuple[str, ...]:
    if column not in raw.categories:
        return (column,)
    return tuple(f"{column}={category}" for category in raw.categories[column])


def _expanded(raw: RawData, inputs: Array) -> Array:
    """Return [N, F] with codes as [N, more]."""
    widths = [len(raw.categories.get(column, (column,))) for column in raw.columns]
    wide = np.empty((len(inputs), sum(widths)), dtype=np.float64)
    start = 0
    for place, (column, width) in enumerate(zip(raw.columns, widths, strict=True)):
        values = inputs[:, place]
        if column in raw.categories:
            found = (values[:, None] == np.arange(width)).astype(np.float64)
            found[np.isnan(values)] = np.nan
            wide[:, start : start + width] = found
        else:
            wide[:, start] = values
        start += width
    return wide
