"""Rows of one split that lie almost upon rows of another: copies with a little noise, frames of one film."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.rows import NearRows

__all__ = ["measure_nearness"]

_NEAR = 0.2
_LOOKED_AT = 1_000
_TYPICAL_OF = 100
_FEW = 50
_DIMENSIONS = 16
_EXAMPLES = 5
_ALL_AT_ONCE = 20_000
_PAIRS = 2_000_000
_MIXED = 64
"""Rows as wide as this are mixtures of wider ones."""
_SLACK = 1.5
"""A projection on a few directions keeps distances only roughly: what lies so much further away is looked at too."""
_CANDIDATES = 8


def measure_nearness(split: str, here: Array, rows: Array, other: str, there: Array) -> NearRows | None:
    """Return how many rows of `here` [N, D] lie near one of `there` [M, D], and how many of `there` do likewise.

    Both float32, standardised; `rows` are the source's numbers of `here`. None where there are too few rows, or where
    rows of `there` lie upon each other, so that no distance is typical.
    """
    if len(here) < _FEW or len(there) < 2 * _FEW or there.shape[1] == 0:
        return None
    rng = np.random.Generator(np.random.PCG64(0))
    mine = np.sort(rng.permutation(len(here))[:_LOOKED_AT])
    theirs = np.sort(rng.permutation(len(there))[:_LOOKED_AT])
    typical = _typical_distance(there, rng.permutation(len(there))[:_TYPICAL_OF])
    if typical is None:
        return None
    directions = _directions(there.shape[1], rng)
    tree = _search(_project(there, directions))
    radius = _NEAR * typical
    near = _is_near(tree, here[mine], there, directions, radius)
    expected = _is_near(tree, there[theirs], there, directions, radius, own=theirs)
    return NearRows(
        split=split,
        other=other,
        rows=len(mine),
        share=float(near.mean()),
        expected_rows=len(theirs),
        expected_share=float(expected.mean()),
        typical_distance=typical,
        examples=tuple(int(row) for row in rows[mine[near]][:_EXAMPLES]),
    )


class _Search(Protocol):
    """What finds the nearest rows within a distance: their distances and places, [N, k], as SciPy's trees do."""

    def query(self, rows: Array, *, k: int, distance_upper_bound: float) -> tuple[Array, Array]: ...


def _search(rows: Array) -> _Search:
    if len(rows) <= _ALL_AT_ONCE:
        return _AllPairs(rows)
    from scipy.spatial import cKDTree  # half a second to import, which few rows don't need

    tree: _Search = cKDTree(rows, balanced_tree=False, compact_nodes=False)
    return tree


class _AllPairs:
    """Looks at every row."""

    def __init__(self, rows: Array) -> None:
        self._rows, self._squares = rows, np.einsum("ij,ij->i", rows, rows)

    def query(self, rows: Array, *, k: int, distance_upper_bound: float) -> tuple[Array, Array]:
        count = min(k, len(self._rows))
        distances, places = np.full((len(rows), k), np.inf), np.full((len(rows), k), len(self._rows))
        step = max(1, _PAIRS // len(self._rows))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            squares = self._squares - 2 * (part @ self._rows.T)
            near = np.argpartition(squares, count - 1, axis=1)[:, :count]
            gaps = np.linalg.norm(part[:, None] - self._rows[near], axis=2)
            is_out = gaps > distance_upper_bound
            distances[start : start + step, :count] = np.where(is_out, np.inf, gaps)
            places[start : start + step, :count] = np.where(is_out, len(self._rows), near)
        return distances, places


def _typical_distance(rows: Array, chosen: Array) -> float | None:
    """Return the median distance from the chosen rows to the nearest other row, equal rows left out."""
    squares = np.einsum("ij,ij->i", rows, rows)
    picked = rows[chosen]
    best = np.full(len(chosen), np.inf)
    step = max(1, 20_000_000 // len(chosen))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        found = squares[part][None] - 2 * (picked @ rows[part].T)
        found += squares[chosen][:, None]
        # Equal rows differ by rounding alone.
        found[found < 1e-5 * (1 + squares[chosen][:, None])] = np.inf
        best = np.minimum(best, found.min(axis=1))
    best = best[np.isfinite(best)]
    return float(np.sqrt(np.median(best))) if len(best) else None


def _directions(width: int, rng: np.random.Generator) -> Array | None:
    """Return orthonormal directions [D, 16] to look along where rows are wide, else None."""
    if width <= _DIMENSIONS:
        return None
    found: Array = np.linalg.qr(rng.normal(size=(width, _DIMENSIONS)))[0].astype(np.float32)
    return found


def _project(rows: Array, directions: Array | None) -> Array:
    return rows if directions is None else rows @ directions


def _is_near(
    tree: _Search, rows: Array, others: Array, directions: Array | None, radius: float, *, own: Array | None = None
) -> Array:
    """Return for each row whether it lies upon one of `others` as no third row does; `own` are its places there."""
    if own is None:
        own = np.full(len(rows), -1)
    places, gaps = _closest(tree, rows, others, directions, radius, (own, own))
    found = np.flatnonzero(np.isfinite(gaps))
    if not len(found):
        return np.isfinite(gaps)
    # Where rows lie densely everything is near: a copy is far nearer to its original than what else is there.
    partners = places[found]
    crowd = gaps[found] / _NEAR
    _, next_gaps = _closest(tree, others[partners], others, directions, float(crowd.max()), (partners, own[found]))
    near = np.zeros(len(rows), dtype=bool)
    near[found] = next_gaps > crowd
    return near


def _closest(
    tree: _Search,
    rows: Array,
    others: Array,
    directions: Array | None,
    radius: float,
    left_out: tuple[Array, Array],
) -> tuple[Array, Array]:
    """Return place and distance of the closest other row within the radius, infinite where there is none.

    Equal rows are passed over, and so are the two places of each row that are `left_out`.
    """
    # A projection shortens a distance to about sqrt(16 / D) of it.
    shrink = 1.0 if directions is None else min(1.0, _SLACK * float(np.sqrt(_DIMENSIONS / len(directions))))
    _, places = tree.query(_project(rows, directions), k=_CANDIDATES, distance_upper_bound=radius * shrink)
    is_there = (places < len(others)) & (places != left_out[0][:, None]) & (places != left_out[1][:, None])
    asked, rank = np.nonzero(is_there)
    gaps = np.full(places.shape, np.inf)
    gaps[asked, rank] = np.linalg.norm(rows[asked] - others[places[asked, rank]], axis=1)
    # Equal rows stay equal, unless they were mixed: a product of matrices rounds each row in its own way.
    rounding = 1e-6 * (1 + np.linalg.norm(rows, axis=1, keepdims=True)) * (rows.shape[1] >= _MIXED)
    gaps[(gaps > radius) | (gaps <= rounding)] = np.inf
    best = gaps.argmin(axis=1)
    each = np.arange(len(rows))
    return places[each, best], gaps[each, best]
