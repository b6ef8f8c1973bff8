"""How the labels of one split differ from those of another, and how likely chance is to make them differ so."""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.rows import LabelDrift

__all__ = ["compare_classes", "compare_numbers"]

_MOST_ROWS = 20_000
_COLUMNS = 100
"""Target columns that are compared."""
_EVEN = 1.2
"""Largest class over the smallest, up to which classes count as evened out on purpose."""


def compare_classes(split: str, here: Array, other: str, there: Array, classes: int) -> LabelDrift | None:
    """Return how far the class shares of two splits lie apart; class indices [N] each. None without rows."""
    if not len(here) or not len(there):
        return None
    counts = np.array([np.bincount(labels, minlength=classes) for labels in (here, there)], dtype=np.float64)
    counts = counts[:, counts.sum(axis=0) > 0]
    shares = counts / counts.sum(axis=1, keepdims=True)
    return LabelDrift(
        split=split,
        other=other,
        distance=float(np.abs(shares[0] - shares[1]).sum() / 2),
        probability=_chi_square(counts),
        is_evened_out=bool(counts[1].max() <= _EVEN * counts[1].min()),
    )


def _chi_square(counts: Array) -> float:
    """Return the probability of a table [2, C] as uneven, or more so, where both rows have one distribution."""
    from scipy.special import chdtrc  # scipy.stats takes a second to import

    if counts.shape[1] < 2:
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / counts.sum()
    return float(chdtrc(counts.shape[1] - 1, ((counts - expected) ** 2 / expected).sum()))


def compare_numbers(
    split: str, here: Array, other: str, there: Array, columns: tuple[str, ...] = ()
) -> LabelDrift | None:
    """Return how far the distributions of targets [N, K] lie apart, of the column where they do most.

    Kolmogorov and Smirnov's distance, on at most 20,000 rows of each, drawn with a fixed seed.
    """
    here, there = _finite(here), _finite(there)
    if not len(here) or not len(there):
        return None
    gaps = [_largest_gap(here[:, column], there[:, column]) for column in range(min(here.shape[1], _COLUMNS))]
    worst = int(np.argmax(gaps))
    several = here.shape[1] > 1
    return LabelDrift(
        split=split,
        other=other,
        distance=gaps[worst],
        # As likely as in any one of the columns.
        probability=min(1.0, len(gaps) * _kolmogorov(gaps[worst], len(here), len(there))),
        column=(columns[worst] if worst < len(columns) else str(worst)) if several else "",
    )


def _largest_gap(here: Array, there: Array) -> float:
    """Return how far the shares of rows below a value lie apart, where they do most."""
    values = np.concatenate([here, there])
    below = (np.searchsorted(np.sort(rows), values, side="right") / len(rows) for rows in (here, there))
    return float(np.abs(next(below) - next(below)).max())


def _kolmogorov(gap: float, here: int, there: int) -> float:
    from scipy.special import kolmogorov

    return float(kolmogorov(gap * np.sqrt(here * there / (here + there))))


def _finite(targets: Array) -> Array:
    flat = targets.reshape(len(targets), -1).astype(np.float64)
    if len(flat) > _MOST_ROWS:
        flat = flat[np.random.Generator(np.random.PCG64(0)).permutation(len(flat))[:_MOST_ROWS]]
    return flat[np.isfinite(flat).all(axis=1)]
