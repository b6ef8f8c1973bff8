"""Rows of one split that stand, value for value, in another: what is validated must not have been trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.loaded import RawRows
from logbook_schemas.records.measures import SharedRows

__all__ = ["RowKeys", "chance_share", "find_shared_rows", "row_keys"]

_PAIRS = (("validation", "train"), ("test", "train"), ("test", "validation"))
_EXAMPLES = 5
_CHUNK_BYTES = 4_000_000
_CHANCE_ROWS = 10_000


@dataclass(frozen=True)
class RowKeys:
    """One key a row, equal where all values are, and the keys in ascending order with the rows they belong to."""

    keys: Array
    ordered: Array
    places: Array


def row_keys(splits: dict[str, RawRows]) -> dict[str, RowKeys]:
    """Return the keys of each split's inputs, comparable between splits: rows of different types are made alike."""
    common = _common_type(splits)
    return {name: _keys(rows.inputs, common) for name, rows in splits.items()}


def find_shared_rows(splits: dict[str, RawRows], keyed: dict[str, RowKeys] | None = None) -> tuple[SharedRows, ...]:
    """Return, for each pair of splits with rows in common, how many inputs they share; targets play no part.

    `keyed` are the keys of `row_keys`, where a caller has them.
    """
    names = {name for pair in _PAIRS if set(pair) <= set(splits) for name in pair}
    wanted = {name: splits[name] for name in splits if name in names}
    common = _common_type(splits)
    keyed = {name: _keys(rows.inputs, common) for name, rows in wanted.items()} if keyed is None else keyed
    found = (_compare(name, other, splits, keyed, common) for name, other in _PAIRS if {name, other} <= names)
    return tuple(shared for shared in found if shared is not None)


def _common_type(splits: dict[str, RawRows]) -> np.dtype[np.generic]:
    return np.result_type(*(rows.inputs.dtype for rows in splits.values()))


def _keys(inputs: Array, common: np.dtype[np.generic]) -> RowKeys:
    width = max(1, inputs.size // max(1, len(inputs)) * common.itemsize)
    step = max(1, _CHUNK_BYTES // width)
    parts = [_row_hashes(_plain(inputs[start : start + step], common)) for start in range(0, len(inputs), step)]
    keys = np.concatenate(parts)
    places = np.argsort(keys, kind="stable")
    return RowKeys(keys, keys[places], places)


def _plain(rows: Array, common: np.dtype[np.generic]) -> Array:
    """Return rows whose bytes are equal where their values are: one type, no minus zero, one kind of NaN."""
    flat = rows.reshape(len(rows), -1).astype(common)
    if common.kind == "f":
        flat += common.type(0)
        flat[np.isnan(flat)] = np.nan
    return flat


def _row_hashes(rows: Array) -> Array:
    """Return a hash of each row's bytes, int64: each word is stirred by itself, then weighed by its place."""
    content = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)
    if rest := content.shape[1] % 8:
        content = np.pad(content, ((0, 0), (0, 8 - rest)))
    words = content.view(np.uint64)
    weights = np.random.Generator(np.random.PCG64(0)).integers(2**63, size=words.shape[1], dtype=np.uint64) * 2 + 1
    # Numbers of few digits differ in their high bits alone, and a product carries bits upwards only.
    mixed = words ^ (words >> np.uint64(32))
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= weights
    hashes: Array = mixed.sum(axis=1, dtype=np.uint64)
    signed: Array = (hashes ^ (hashes >> np.uint64(32))).view(np.int64)
    return signed


def _compare(
    name: str, other: str, splits: dict[str, RawRows], keyed: dict[str, RowKeys], common: np.dtype[np.generic]
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
        chance_share=chance_share(splits[other].inputs),
        examples=tuple(int(row) for row in splits[name].rows[shared[:_EXAMPLES]]),
    )


def chance_share(rows: Array) -> float:
    """Return the share of new rows that would stand among these, were each column drawn by itself.

    Rows of a dozen yes-or-no answers meet by chance; two images, or rows of measured numbers, don't.
    """
    some = rows[:_CHANCE_ROWS].reshape(min(len(rows), _CHANCE_ROWS), -1)
    meeting = 1.0
    for column in range(some.shape[1]):
        shares = np.unique(some[:, column], return_counts=True)[1] / len(some)
        meeting *= float((shares**2).sum())
        if meeting * len(rows) < 1e-6:
            return 0.0
    return float(-np.expm1(-meeting * len(rows)))
