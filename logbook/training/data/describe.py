"""What the numbers of an array are like, and which of them aren't numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from logbook.training.data.arrays import Array, column_label, column_statistics, row_chunks
from logbook_schemas.records.measures import ArrayRecord, NonFinite

__all__ = ["MAX_COLUMNS", "describe_array", "find_nonfinite", "find_whole_values", "sample_rows"]

MAX_COLUMNS = 1000
_MAX_ROWS = 200_000
_MAX_ENTRIES = 100_000_000
_QUANTILE_ENTRIES = 1_000_000
_QUANTILE = 0.995
_SEED = 0
_MAX_VALUES = 100
_SAFELY_WHOLE = 2**53


def sample_rows(array: Array) -> tuple[Array, bool]:
    """Return at most 200,000 rows (fewer of wide ones), drawn with a fixed seed, and whether any were left out."""
    width = max(1, array.size // max(1, len(array)))
    most = max(1, min(_MAX_ROWS, _MAX_ENTRIES // width))
    if len(array) <= most:
        return array, False
    rng = np.random.Generator(np.random.PCG64(_SEED))
    return array[np.sort(rng.permutation(len(array))[:most])], True


def describe_array(array: Array, *, dtype: str, columns: tuple[str, ...] = ()) -> ArrayRecord:
    """Return the statistics of an array [N, ...] of numbers, NaN and infinities left out; `dtype` is told as given.

    The 99.5 % quantile is of at most a million entries, drawn with a fixed seed.
    """
    statistics = column_statistics(lambda: row_chunks(array))
    if not statistics.count.any():
        return ArrayRecord(dtype=dtype)
    whole = statistics.whole()
    shown = range(min(len(statistics.mean), MAX_COLUMNS))
    return ArrayRecord(
        dtype=dtype,
        mean=float(whole.mean[0]),
        std=float(whole.std[0]),
        min=float(whole.low[0]),
        max=float(whole.high[0]),
        quantile_995=_quantile(array),
        columns=tuple(column_label(place, array.shape[1:], columns) for place in shown),
        column_means=tuple(statistics.mean[:MAX_COLUMNS].tolist()),
        column_stds=tuple(statistics.std[:MAX_COLUMNS].tolist()),
        column_mins=tuple(statistics.low[:MAX_COLUMNS].tolist()),
        column_maxs=tuple(statistics.high[:MAX_COLUMNS].tolist()),
    )


def _quantile(array: Array) -> float | None:
    entries = array.reshape(-1)
    if entries.size > _QUANTILE_ENTRIES:
        rng = np.random.Generator(np.random.PCG64(_SEED))
        entries = entries[rng.integers(entries.size, size=_QUANTILE_ENTRIES)]
    sizes = np.abs(entries.astype(np.float64))
    sizes = sizes[np.isfinite(sizes)]
    return float(np.quantile(sizes, _QUANTILE)) if sizes.size else None


def find_whole_values(array: Array) -> tuple[int, ...]:
    """Return the finite values of an array, ascending, where all are whole numbers and at most 100; else none."""
    values = np.unique(array[np.isfinite(array)])
    if len(values) > _MAX_VALUES or (values != np.round(values)).any() or (np.abs(values) > _SAFELY_WHOLE).any():
        return ()
    return tuple(int(value) for value in values)


@dataclass(frozen=True)
class _First:
    row: int
    feature: int
    value: float


def find_nonfinite(
    array: Array, *, split: str, name: str, rows: Array, columns: tuple[str, ...] = ()
) -> NonFinite | None:
    """Return how many entries are NaN or infinite and where the first one stands, or None where all are finite.

    `rows` are the source's row numbers of the array's rows, in ascending order.
    """
    if array.dtype.kind != "f":
        return None
    count, start = 0, 0
    first: _First | None = None
    for chunk in row_chunks(array):
        flat = chunk.reshape(len(chunk), -1)
        is_strange = ~np.isfinite(flat)
        count += int(is_strange.sum())
        if first is None and count:
            place, feature = divmod(int(np.argmax(is_strange)), flat.shape[1])
            first = _First(int(rows[start + place]), feature, float(flat[place, feature]))
        start += len(chunk)
    if first is None:
        return None
    kind = "NaN" if math.isnan(first.value) else "Infinity" if first.value > 0 else "-Infinity"
    column = column_label(first.feature, array.shape[1:], columns)
    return NonFinite(split=split, array=name, count=count, kind=kind, row=first.row, column=column)
