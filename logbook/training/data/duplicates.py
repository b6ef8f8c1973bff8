"""Rows that stand more than once in one split, and whether they carry the same label."""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.loaded import RawRows
from logbook.training.data.sharing import RowKeys, chance_share
from logbook_schemas.records.rows import RepeatedRows

__all__ = ["find_repeated_rows"]

_EXAMPLES = 5
_CHANCE_ROWS = 10_000


def find_repeated_rows(split: str, rows: RawRows, keys: RowKeys, labels: Array | None) -> RepeatedRows | None:
    """Return how many rows of a split repeat an earlier one, or None where none does.

    `labels` [N] are class indices; without them nothing conflicts: numbers scatter about what inputs say of them. A
    row of the source that the split holds several times, because classes were evened out, counts once.
    """
    first = np.unique(rows.rows, return_index=True)[1]
    _, group, counts = np.unique(keys.keys[first], return_inverse=True, return_counts=True)
    if len(counts) == len(first):
        return None
    group = group.reshape(-1)
    seen = np.unique(group, return_index=True)[1]
    is_later = np.ones(len(first), dtype=bool)
    is_later[seen] = False
    conflicting = np.flatnonzero(_conflicts(group, labels[first])) if labels is not None else np.array([], dtype=int)
    rate, chance = _conflict_rates(group, labels[first]) if labels is not None else (0.0, 0.0)
    numbers = rows.rows[first]
    return RepeatedRows(
        split=split,
        of_rows=len(first),
        distinct_rows=len(counts),
        repeated=int(is_later.sum()),
        chance_share=chance_share(rows.inputs[first[:_CHANCE_ROWS]]),
        conflict_rate=rate,
        chance_conflict_rate=chance,
        examples=tuple(int(row) for row in numbers[np.flatnonzero(is_later)[:_EXAMPLES]]),
        conflicting=len(conflicting),
        conflicting_examples=tuple(int(row) for row in numbers[_pair_up(group, conflicting)]),
    )


def _conflicts(group: Array, labels: Array) -> Array:
    """Return for each row whether its group holds another label, [N], bool."""
    size = int(group.max()) + 1
    low, high = np.full(size, labels.max()), np.full(size, labels.min())
    np.minimum.at(low, group, labels)
    np.maximum.at(high, group, labels)
    is_mixed: Array = (low < high)[group]
    return is_mixed


def _conflict_rates(group: Array, labels: Array) -> tuple[float, float]:
    """Return the share of pairs of differing labels, among pairs of equal rows and among any two rows."""
    classes = int(labels.max()) + 1
    sizes = np.bincount(group).astype(np.float64)
    cells = np.unique(group * classes + labels, return_counts=True)[1].astype(np.float64)
    pairs = float((sizes * (sizes - 1)).sum())
    shares = np.bincount(labels) / len(labels)
    alike = float((cells * (cells - 1)).sum())
    return (1 - alike / pairs if pairs else 0.0), float(1 - (shares**2).sum())


def _pair_up(group: Array, places: Array) -> Array:
    """Return the first few of the places, those of one group side by side."""
    chosen = np.unique(group[places])[: _EXAMPLES - 3]
    return np.concatenate([places[group[places] == one][:2] for one in chosen]) if len(chosen) else places
