"""What single columns of a table say of the labels: that they are the labels, or that they name categories.

A category's number says nothing by itself: from one value to the next the labels jump as they would in any other
order. What changes smoothly with a number is an amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from logbook.training.data.arrays import Array, column_label
from logbook_schemas.records.rows import TellingColumn

__all__ = ["measure_telling"]

_MOST_ROWS = 20_000
_ENTRIES = 2_000_000
_MOST_COLUMNS = 1_000
_FEWEST_ROWS = 30
_SAME = 1e-6
"""How far from 1 a correlation may be that float32 alone keeps from it."""
_FEWEST_VALUES, _MOST_VALUES = 6, 100
_ROWS_A_VALUE = 5
_SAYS = 0.1
"""Share of the labels' variance below which a column isn't worth a record."""


def measure_telling(
    inputs: Array, labels: Array, *, columns: Sequence[str], has_classes: bool
) -> tuple[TellingColumn, ...]:
    """Return the columns of rows [N, D], of two or more, that tell of the labels [N] or [N, K] in such a way."""
    if inputs.ndim != 2 or inputs.shape[1] < 2 or len(inputs) < _FEWEST_ROWS:
        return ()
    most = max(2_000, min(_MOST_ROWS, _ENTRIES // inputs.shape[1]))
    chosen = np.random.Generator(np.random.PCG64(0)).permutation(len(inputs))[:most]
    inputs, labels = inputs[chosen, :_MOST_COLUMNS].astype(np.float64), labels[chosen].reshape(len(chosen), -1)
    if not np.isfinite(labels).all():
        return ()
    wanted = _Labels(labels, has_classes=has_classes)
    found = []
    for place in range(inputs.shape[1]):
        values = inputs[:, place]
        if np.isfinite(values).all() and values.min() < values.max():
            told = _told(values, wanted, column_label(place, (inputs.shape[1],), tuple(columns)))
            found += [] if told is None else [told]
    return tuple(found)


@dataclass(frozen=True, init=False)
class _Labels:
    """Class numbers [N], where there are classes, and the labels as columns of mean 0, [N, K]."""

    classes: Array | None
    centred: Array

    def __init__(self, labels: Array, *, has_classes: bool) -> None:
        present, places = np.unique(labels, return_inverse=True) if has_classes else (None, None)
        codes = labels if present is None or places is None else np.eye(len(present))[places.reshape(-1)]
        centred = codes - codes.mean(axis=0)
        object.__setattr__(self, "classes", None if places is None else places.reshape(-1))
        object.__setattr__(self, "centred", centred / max(float(np.abs(centred).max()), 1e-300))


def _told(values: Array, labels: _Labels, name: str) -> TellingColumn | None:
    distinct, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    places = places.reshape(-1)
    if _is_label(values, places, len(distinct), labels):
        return TellingColumn(name=name, rows=len(values), values=len(distinct), is_label=True)
    if _numbers_sorted_classes(distinct, places, labels):
        return TellingColumn(name=name, rows=len(values), values=len(distinct), numbers_classes=True)
    common = int(np.count_nonzero(counts >= _ROWS_A_VALUE))
    if len(distinct) > _MOST_VALUES or common < _FEWEST_VALUES:
        return None
    share, jumps = _jumps(places, counts, labels.centred)
    if share < _SAYS:
        return None
    return TellingColumn(
        name=name, rows=len(values), values=common, category_share=round(share, 6), jumps=round(jumps, 6)
    )


def _is_label(values: Array, places: Array, distinct: int, labels: _Labels) -> bool:
    """Say whether a column is the label: a value for each class, or the number itself, in whatever unit."""
    if labels.classes is None and labels.centred.shape[1] > 1:
        return False  # several targets may be the inputs themselves: an autoencoder
    if labels.classes is not None:
        classes = int(labels.classes.max()) + 1
        pairs = np.unique(places * classes + labels.classes)
        return classes > 1 and distinct == classes == len(pairs)
    centred = values - values.mean()
    sizes = np.sqrt((centred**2).sum() * (labels.centred**2).sum(axis=0))
    products = np.abs(centred @ labels.centred)
    return bool((products[sizes > 0] >= (1 - _SAME) * sizes[sizes > 0]).any())


def _numbers_sorted_classes(distinct: Array, places: Array, labels: _Labels) -> bool:
    """Say whether a column numbers the rows, one step a row, and every class has one stretch of the numbers.

    Two classes on both sides of a number are the first toy problem: there the numbers must be whole, as those of rows.
    """
    if labels.classes is None or len(distinct) < len(places):
        return False
    if labels.classes.max() < 2 and (distinct != np.round(distinct)).any():
        return False
    gaps = np.diff(distinct)
    steps = gaps / gaps.min()
    is_even = bool((np.abs(steps - np.round(steps)) < 1e-2).all()) and steps.sum() <= 20 * len(places)
    in_order = labels.classes[np.argsort(places, kind="stable")]
    stretches = 1 + int(np.count_nonzero(np.diff(in_order)))
    return is_even and 1 < stretches == int(labels.classes.max()) + 1


def _jumps(places: Array, counts: Array, centred: Array) -> tuple[float, float]:
    """Return the share of the labels' variance that the values account for, each by itself, and how it jumps.

    That is the squared difference from one value to the next over what it would be in a random order of the values,
    those of a few rows left out. Both are freed of what chance adds to the means.
    """
    rows, values = len(places), len(counts)
    means = np.stack([np.bincount(places, column, values) / counts for column in centred.T], axis=1)
    whole = float((centred**2).sum())
    between = float((counts[:, None] * means**2).sum())
    noise = max(whole - between, 0.0) / (rows - values)
    share = (between - (values - 1) * noise) / max(whole, 1e-300)
    is_common = counts >= _ROWS_A_VALUE
    means, counts = means[is_common], counts[is_common]
    spread = float(((means - means.mean(axis=0)) ** 2).sum()) / (len(means) - 1) - noise * float((1 / counts).mean())
    steps = (np.diff(means, axis=0) ** 2).sum(axis=1) - noise * (1 / counts[1:] + 1 / counts[:-1])
    return share, float(steps.mean()) / (2 * spread) if spread > 0 else 0.0
