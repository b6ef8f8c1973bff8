"""How the values of a column are distributed: what they are as loaded, how far their tails reach, what lies apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.measures import ColumnRecord

__all__ = ["MOST_KEPT", "describe_columns"]

MOST_KEPT = 100
"""Columns that a record keeps: more of them would fill the store with what nobody reads."""

_MOST_COLUMNS = 1000
_MOST_ENTRIES = 1_000_000
_FEWEST_ROWS = 20
"""Of fewer values nobody can say how they are distributed."""
_MOST_CODES = 50
_NORMAL = 1.4826
"""The standard deviation of a normal distribution over its MAD."""
_FAR, _VERY_FAR = 10.0, 50.0
_MANY_VALUES = 10
_FEW = 0.05
_SEED = 0


def describe_columns(
    raw: Array, prepared: Array, *, names: Sequence[str], rows: Array | None = None
) -> tuple[ColumnRecord, ...]:
    """Return what the columns of training rows [N, F] are like, the 100 least ordinary where there are more.

    `prepared` are the same rows after preparation; where that changed the number of columns, both are taken to be
    `raw`. `rows` are the source's row numbers. At most a million entries are looked at,
    of the other rows each column's smallest and largest value alone; and 1,000 columns.
    """
    if raw.shape != prepared.shape:
        prepared = raw
    width = min(raw.shape[1], _MOST_COLUMNS)
    places = _sampled(len(raw), max(_FEWEST_ROWS, _MOST_ENTRIES // max(1, width)))
    found = []
    for column in range(width):
        name = names[column] if column < len(names) else str(column)
        chosen = places if len(places) == len(raw) else _with_ends(places, raw[:, column])
        with np.errstate(over="ignore", invalid="ignore"):
            found.append(_describe(raw[chosen, column], prepared[chosen, column], name, rows, chosen))
    if len(found) <= MOST_KEPT:
        return tuple(found)
    kept = sorted(range(width), key=lambda column: _ordinariness(found[column]))[:MOST_KEPT]
    return tuple(found[column] for column in sorted(kept))


def _ordinariness(column: ColumnRecord) -> tuple[bool, bool, float]:
    is_coded = bool(column.counts) and len(column.counts) > 2
    is_id = column.is_whole and column.distinct == column.rows
    return column.outliers == 0, not is_coded and not is_id, -max(column.z, abs(column.skew))


def _sampled(count: int, most: int) -> Array:
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.Generator(np.random.PCG64(_SEED)).permutation(count)[:most])


def _with_ends(places: Array, values: Array) -> Array:
    """Return the places with those of the smallest and the largest finite value: an outlier is seldom in a sample."""
    is_finite = np.isfinite(values)
    ends = [int(np.argmin(np.where(is_finite, values, np.inf))), int(np.argmax(np.where(is_finite, values, -np.inf)))]
    return np.union1d(places, ends)


def _describe(raw: Array, prepared: Array, name: str, rows: Array | None, places: Array) -> ColumnRecord:
    values, after = raw.astype(np.float64), prepared.astype(np.float64)
    is_finite = np.isfinite(values) & np.isfinite(after)
    if not is_finite.all():
        values, after, places = values[is_finite], after[is_finite], places[is_finite]
    if len(values) == 0:
        return ColumnRecord(name=name)
    fields = _of_values(values)
    if len(values) >= _FEWEST_ROWS and fields["distinct"] > 2:
        fields |= _of_shape(values, after, rows, places)
    return ColumnRecord(name=name, rows=len(values), **fields)


def _of_values(values: Array) -> dict[str, Any]:
    ordered = np.sort(values)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts: Array = np.diff(np.append(starts, len(ordered)))
    low, high = float(ordered[0]), float(ordered[-1])
    sizes = np.abs(ordered)
    middle, largest = float(np.median(sizes)), float(sizes.max())
    is_whole = bool((ordered == np.round(ordered)).all())
    tenth = high / 10 - low / 10  # the range itself may be larger than any number
    edge = min(int(np.count_nonzero(ordered < low + tenth)), int(np.count_nonzero(ordered > high - tenth)))
    return {
        "min": low,
        "max": high,
        "is_whole": is_whole,
        "distinct": len(counts),
        "counts": tuple(counts.tolist()) if is_whole and 2 < len(counts) <= _MOST_CODES else (),
        "most_common": _short(int(counts.max()) / len(ordered)),
        "edge_share": _short(edge / len(ordered)),
        "tail": _short(largest / middle if middle > 0 else 0.0),
        **_heap(ordered[starts], counts),
    }


def _heap(distinct: Array, counts: Array) -> dict[str, float]:
    """Return how many values are all the smallest, or all the largest, and how far that lies from all others."""
    if len(distinct) < _MANY_VALUES:
        return {}
    below, above = distinct[1] - distinct[0], distinct[-1] - distinct[-2]
    ends = [(below / (distinct[-1] - distinct[1]), counts[0]), (above / (distinct[-2] - distinct[0]), counts[-1])]
    gap, count = max(ends)
    return {"heap": _short(int(count) / int(counts.sum())), "heap_gap": _short(float(gap))}


def _of_shape(values: Array, after: Array, rows: Array | None, places: Array) -> dict[str, Any]:
    """Return skew and outliers. All is computed as a share of the largest value, so that nothing overflows."""
    largest = np.abs(after).max()
    if largest == 0:
        return {}
    after = after / largest
    centred = after - after.mean()
    std = float(np.sqrt((centred**2).mean()))
    middle, spread = _middle(after)
    if std == 0 or spread == 0:
        return {}
    distances = np.abs(after - middle)
    z = distances / spread
    very_far = z > _VERY_FAR
    above = int(np.count_nonzero(very_far & (after > middle)))
    lesser = min(above, int(np.count_nonzero(very_far)) - above)
    farthest = int(z.argmax())
    outliers, gap = _apart(distances, _FAR * spread)
    is_out = distances >= outliers if outliers > 0 else np.zeros(len(z), dtype=bool)
    return {
        "skew": _short(float((centred**3).mean()) / std**3),
        "z": _short(float(z[farthest])),
        "far": _short(np.count_nonzero(z > _FAR) / len(z)),
        "very_far": _short(np.count_nonzero(very_far) / len(z)),
        "lesser_side": _short(lesser / max(1, int(np.count_nonzero(very_far)))),
        "outliers": int(is_out.sum()),
        "gap": _short(gap),
        "nearest": _short(outliers / spread),
        "squeezed": _short(spread / std),
        "outlier_weight": _short(float((distances[is_out] ** 2).sum() / (distances**2).sum())),
        "example": float(values[farthest]),
        "row": int(places[farthest] if rows is None else rows[places[farthest]]),
        "filler": _filler(values[is_out]),
    }


def _middle(values: Array) -> tuple[float, float]:
    """Return the median and the robust deviation: of a column that is mostly one value, those of its other values."""
    middle = float(np.median(values))
    spread = _NORMAL * float(np.median(np.abs(values - middle)))
    if spread == 0:
        others = values[values != middle]
        if len(others) < _FEWEST_ROWS:
            return middle, 0.0
        middle = float(np.median(others))
        spread = _NORMAL * float(np.median(np.abs(others - middle)))
    return middle, spread


def _apart(distances: Array, bound: float) -> tuple[float, float]:
    """Return the distance from which on values are outliers, and how wide the gap below is, as a ratio; 0 for none.

    Looked for among the farthest 5 % of the values, at the widest gap whose far side is beyond `bound`.
    """
    most = max(1, int(_FEW * len(distances)))
    ordered = np.sort(distances)[-most - 1 :]
    ratios = ordered[1:] / np.maximum(ordered[:-1], 1e-300)
    ratios = np.where(ordered[1:] > bound, ratios, 0.0)
    place = int(ratios.argmax())
    return (float(ordered[1:][place]), float(ratios[place])) if ratios[place] > 1 else (0.0, 0.0)


def _filler(outliers: Array) -> float | None:
    """Return the one value of all outliers where people write it for a missing one: -999, 9999, 99999 and the like."""
    if len(outliers) < 2 or (outliers != outliers[0]).any():
        return None
    value = float(outliers[0])
    digits = f"{abs(value):.0f}" if value == round(value) and abs(value) < 1e12 else ""
    return value if len(digits) >= 3 and set(digits) == {"9"} else None


def _short(value: float) -> float:
    """Return six digits of a number: enough to judge by, and short in a stored record."""
    return min(float(f"{value:.6g}"), float(np.finfo(np.float64).max))
