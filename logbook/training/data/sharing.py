"""Rows of one split that stand, value for value, in another: what is validated must not have been trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.loaded import RawRows
from logbook_schemas.records.measures import SharedRows

__all__ = ["find_shared_rows"]

_PAIRS = (("validation", "train"), ("test", "train"), ("test", "validation"))
_EXAMPLES = 5
_CHUNK_BYTES = 64_000_000


@dataclass(frozen=True)
class _Keys:
    """One key a row, and the keys in ascending order with the rows they belong to."""

    keys: Array
    ordered: Array
    places: Array


def find_shared_rows(splits: dict[str, RawRows]) -> tuple[SharedRows, ...]:
    """Return, for each pair of splits with rows in common, how many inputs they share; targets play no part."""
    names = {name for pair in _PAIRS if set(pair) <= set(splits) for name in pair}
    common = np.result_type(*(splits[name].inputs.dtype for name in names)) if names else np.dtype(np.float64)
    keyed = {name: _keys(splits[name].inputs, common) for name in names}
    found = (_compare(name, other, splits, keyed, common) for name, other in _PAIRS if name in keyed and other in keyed)
    return tuple(shared for shared in found if shared is not None)


def _keys(inputs: Array, common: np.dtype[np.generic]) -> _Keys:
    width = max(1, inputs.size // max(1, len(inputs)) * common.itemsize)
    step = max(1, _CHUNK_BYTES // width)
    parts = [_row_hashes(_plain(inputs[start : start + step], common)) for start in range(0, len(inputs), step)]
    keys = np.concatenate(parts)
    places = np.argsort(keys, kind="stable")
    return _Keys(keys, keys[places], places)


def _plain(rows: Array, common: np.dtype[np.generic]) -> Array:
    """Return rows whose bytes are equal where their values are: one type, no minus zero, one kind of NaN."""
    flat = rows.reshape(len(rows), -1).astype(common)
    if common.kind == "f":
        flat += common.type(0)
        flat[np.isnan(flat)] = np.nan
    return flat


def _row_hashes(rows: Array) -> Array:
    content = memoryview(rows.tobytes())
    width = rows.shape[1] * rows.itemsize
    starts = range(0, len(content), width)
    return np.fromiter((hash(content[start : start + width]) for start in starts), np.int64, len(rows))


def _compare(
    name: str, other: str, splits: dict[str, RawRows], keyed: dict[str, _Keys], common: np.dtype[np.generic]
) -> SharedRows | None:
    mine, theirs = keyed[name], keyed[other]
    places = np.minimum(np.searchsorted(theirs.ordered, mine.keys), len(theirs.ordered) - 1)
    candidates = np.flatnonzero(theirs.ordered[places] == mine.keys)
    if not len(candidates):
        return None
    # Equal hashes are looked at again: two rows with one hash are rare, and must not be called the same.
    left = _plain(splits[name].inputs[candidates], common)
    right = _plain(splits[other].inputs[theirs.places[places[candidates]]], common)
    is_same = ((left == right) | ((left != left) & (right != right))).all(axis=1)
    shared = candidates[is_same]
    if not len(shared):
        return None
    return SharedRows(
        split=name,
        other=other,
        rows=len(shared),
        share=len(shared) / len(mine.keys),
        distinct_rows=len(np.unique(np.concatenate([mine.keys, theirs.keys]))),
        examples=tuple(int(row) for row in splits[name].rows[shared[:_EXAMPLES]]),
    )
