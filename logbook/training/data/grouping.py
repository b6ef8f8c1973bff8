"""Whole groups of rows dealt out to splits and folds: no group ever stands in two."""

from __future__ import annotations

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array

__all__ = ["deal_groups", "split_groups"]


def split_groups(
    rng: np.random.Generator, shares: dict[str, float], keys: Array, *, name: str | None
) -> dict[str, Array]:
    """Return the rows of validation, test and train, empty where a share is 0; `keys` [N] name each row's group.

    Groups come in random order, and a split misses its share by at most half of the smallest group that it left,
    unless it must take one, or leave one to the others.

    Raises DataError where there are fewer groups than splits.
    """
    groups, rows = np.unique(keys, return_inverse=True)
    rows = rows.reshape(-1)
    asked = [split for split, share in shares.items() if share > 0]
    if len(groups) <= len(asked):
        parts = " and ".join([*asked, "train"])
        raise DataError(f"{parts} need a group each, and '{name}' has {_groups(len(groups))}")
    sizes = np.bincount(rows)
    left = rng.permutation(len(groups)).tolist()
    taken: dict[str, list[int]] = {split: [] for split in shares}
    for place, split in enumerate(asked):
        most = len(left) - (len(asked) - place)
        taken[split] = _nearest(shares[split] * len(keys), left, sizes, most)
        left = [group for group in left if group not in set(taken[split])]
    return {
        **{split: np.flatnonzero(np.isin(rows, chosen)) for split, chosen in taken.items()},
        "train": np.flatnonzero(np.isin(rows, left)),
    }


def _nearest(target: float, groups: list[int], sizes: Array, most: int) -> list[int]:
    """Return 1 to `most` of the groups that together have about `target` rows.

    What fits is taken; the smallest of the others is taken too where that is nearer than without it.
    """
    chosen: list[int] = []
    missing = target
    for group in groups:
        if len(chosen) < most and sizes[group] <= missing:
            chosen.append(group)
            missing -= int(sizes[group])
    left = sorted(set(groups) - set(chosen), key=lambda group: (int(sizes[group]), groups.index(group)))
    if not chosen or (len(chosen) < most and sizes[left[0]] < 2 * missing):
        chosen.append(left[0])
    return chosen


def deal_groups(rng: np.random.Generator, folds: int, keys: Array, *, name: str | None) -> Array:
    """Return the fold, from 0, of each row: the largest group first, each to the fold with the fewest rows so far.

    Raises DataError where there are fewer groups than folds.
    """
    groups, rows = np.unique(keys, return_inverse=True)
    if len(groups) < folds:
        raise DataError(f"{folds} folds need a group each, and '{name}' has {_groups(len(groups))}; take fewer folds")
    rows = rows.reshape(-1)
    sizes = np.bincount(rows)
    order = rng.permutation(len(groups))
    order = order[np.argsort(-sizes[order], kind="stable")]
    fold_of = np.empty(len(groups), dtype=np.int64)
    filled = np.zeros(folds, dtype=np.int64)
    for group in order:
        fold = int(np.argmin(filled))
        fold_of[group] = fold
        filled[fold] += sizes[group]
    return fold_of[rows]


def _groups(count: int) -> str:
    return "1 group" if count == 1 else f"{count} groups"
