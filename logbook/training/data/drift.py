"""How the inputs of the other splits lie beside those of the training split."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from logbook.training.data.arrays import Array, ColumnStatistics, column_statistics, row_chunks
from logbook_schemas.records.measures import ShiftRecord

__all__ = ["MAX_ROWS", "describe_shift", "sample"]

MAX_ROWS = 2000
"""Rows of each side that are compared: enough to tell a distance of 0.1 from chance over a thousand columns."""
_MOST_COLUMNS = 1000
_CHANCE = 0.001
_SEED = 1


def describe_shift(
    train: Array, other: Array, raw: Array, *, split: str, given: bool, names: Sequence[str]
) -> ShiftRecord:
    """Return how the rows `other` [M, …] of a split lie beside `train` [N, …], both prepared; NaN are left out.

    `raw` are the rows of the split as loaded. At most 2,000 rows of each are compared, drawn with a fixed seed, and
    1,000 features; deviations and means are of the same rows.
    """
    train, other = sample(train), sample(other)
    ours = _first(column_statistics(lambda: row_chunks(train)))
    theirs = _first(column_statistics(lambda: row_chunks(other)))
    width = len(ours.mean)
    left, right = (array.reshape(len(array), -1)[:, :width].astype(np.float64) for array in (train, other))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        std = np.where(ours.std > 0, ours.std, np.inf)
        shifts, ratios = (theirs.mean - ours.mean) / std, theirs.std / std
    mean_error, std_error = _errors(raw)
    return ShiftRecord(
        split=split,
        rows=len(other),
        given=given,
        columns=tuple(names[:width]),
        distances=_short(np.array([_distance(left[:, place], right[:, place]) for place in range(width)])),
        chance=_chance(len(train), len(other), width),
        shifts=_short(shifts),
        ratios=_short(ratios),
        largest=_short(np.maximum(np.abs(theirs.low), np.abs(theirs.high))),
        raw_mean_error=mean_error,
        raw_std_error=std_error,
    )


def sample(array: Array) -> Array:
    """Return at most 2,000 of the rows, drawn with a fixed seed."""
    if len(array) <= MAX_ROWS:
        return array
    rng = np.random.Generator(np.random.PCG64(_SEED))
    return array[np.sort(rng.choice(len(array), size=MAX_ROWS, replace=False))]


def _first(statistics: ColumnStatistics) -> ColumnStatistics:
    return statistics.at(np.arange(min(len(statistics.mean), _MOST_COLUMNS)))


def _distance(one: Array, two: Array) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples."""
    one, two = np.sort(one[np.isfinite(one)]), np.sort(two[np.isfinite(two)])
    if len(one) == 0 or len(two) == 0:
        return 0.0
    points = np.concatenate([one, two])
    shares = (np.searchsorted(side, points, side="right") / len(side) for side in (one, two))
    return float(np.abs(np.subtract(*shares)).max())


def _chance(rows: int, others: int, columns: int) -> float:
    """Return the distance that chance exceeds once in a thousand, by the bound of Massart, over all columns."""
    return _shortened(math.sqrt(-math.log(_CHANCE / (2 * max(1, columns))) * (rows + others) / (2 * rows * others)))


def _errors(raw: Array) -> tuple[float | None, float | None]:
    """Return how far the columns that vary are from mean 0 and deviation 1, over all rows."""
    if raw.dtype.kind != "f" or len(raw) < 2:
        return None, None
    statistics = column_statistics(lambda: row_chunks(raw))
    varies = statistics.std > 0
    if not varies.any():
        return None, None
    mean, std = statistics.mean[varies], statistics.std[varies]
    unbiased = std * math.sqrt(len(raw) / (len(raw) - 1))  # pandas and torch divide by N - 1
    errors = (np.abs(mean).max(), min(np.abs(one - 1).max() for one in (std, unbiased)))
    return _shortened(float(errors[0])), _shortened(float(errors[1]))


def _short(values: Array) -> tuple[float, ...]:
    most = float(np.finfo(np.float64).max)
    return tuple(_shortened(value) for value in np.nan_to_num(values, nan=0.0, posinf=most, neginf=-most).tolist())


def _shortened(value: float) -> float:
    return min(float(f"{value:.6g}"), float(np.finfo(np.float64).max))
