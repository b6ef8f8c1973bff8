"""Columns of categories become a column for each category, 1 where it is that one: a network can't order them (S1-04).

The categories are those of all rows, before any split: a shape that depends on the split would change with its seed.
What leaks is their names alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import RawData
from logbook_schemas.config.preparation import OneHot, Preparation

__all__ = ["one_hot_categories"]


def one_hot_categories(raw: RawData, steps: Sequence[Preparation] = ()) -> RawData:
    """Return the source with each column of codes as one of 0 and 1 for each category, `colour=red`, in its place.

    A missing category is NaN in all of them. Columns that a step of preparation makes one-hot by itself, with the
    categories of the training split, are left to it.
    """
    left = _left_to(steps, raw)
    known = {column: names for column, names in raw.categories.items() if column not in left}
    if not known:
        return raw
    parts = {name: replace(part, inputs=_expanded(raw, known, part.inputs)) for name, part in raw.parts.items()}
    columns = tuple(name for column in raw.columns for name in _names(known, column))
    kept = {column: names for column, names in raw.categories.items() if column in left}
    return replace(raw, parts=parts, columns=columns, categories=kept, one_hot=known)


def _left_to(steps: Sequence[Preparation], raw: RawData) -> set[str]:
    named = [step.columns for step in steps if isinstance(step, OneHot)]
    if any(columns is None for columns in named):
        return set(raw.categories)
    return {str(column) for columns in named for column in columns or ()}


def _names(known: Mapping[str, tuple[str, ...]], column: str) -> tuple[str, ...]:
    return tuple(f"{column}={category}" for category in known[column]) if column in known else (column,)


def _expanded(raw: RawData, known: Mapping[str, tuple[str, ...]], inputs: Array) -> Array:
    """Return [N, F] with codes as [N, more]."""
    widths = [len(known.get(column, (column,))) for column in raw.columns]
    wide = np.empty((len(inputs), sum(widths)), dtype=np.float64)
    start = 0
    for place, (column, width) in enumerate(zip(raw.columns, widths, strict=True)):
        values = inputs[:, place]
        if column in known:
            found = (values[:, None] == np.arange(width)).astype(np.float64)
            found[np.isnan(values)] = np.nan
            wide[:, start : start + width] = found
        else:
            wide[:, start] = values
        start += width
    return wide
