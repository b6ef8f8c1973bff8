"""Classes of unequal size evened out: rows of the training split left out or repeated, or weights for the loss."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.config.balance import Balance, ClassWeights, NoBalance, Oversample, Undersample

__all__ = ["balanced_places", "class_weights"]


def balanced_places(balance: Balance, classes: Array) -> Array:
    """Return which training rows to use, as places in `classes` [N], int, in ascending order.

    Undersampling draws from each larger class; oversampling takes each row of a smaller class as often as the
    others of it, and draws who comes once more. The same arguments give the same rows on every machine.
    """
    counts = np.bincount(classes)
    present = counts[counts > 0]
    match balance:
        case NoBalance() | ClassWeights():
            return np.arange(len(classes))
        case Undersample():
            wanted = np.minimum(counts, int(present.min() * balance.ratio))
        case Oversample():
            wanted = np.maximum(counts, int(np.ceil(present.max() / balance.ratio)))
        case _:
            assert_never(balance)
    rng = np.random.Generator(np.random.PCG64(balance.seed))
    chosen = []
    for index in np.flatnonzero(counts):
        rows = np.flatnonzero(classes == index)
        times, once_more = divmod(int(wanted[index]), len(rows))
        chosen += [rows] * times + [rng.permutation(rows)[:once_more]]
    return np.sort(np.concatenate(chosen))


def class_weights(classes: Array, count: int) -> Array:
    """Return a weight for each of `count` classes, float32: rows / (classes there are · rows of the class).

    The mean weight of a row is 1. A class without rows weighs 1.
    """
    rows = np.bincount(classes, minlength=count).astype(np.float64)
    present = rows > 0
    weights = np.where(present, len(classes) / (present.sum() * np.maximum(rows, 1)), 1.0)
    return weights.astype(np.float32)
