"""What the inputs say of the labels: simple models on left-out rows, against the same labels in shuffled order.

Each model gives a prediction that is linear in the labels, so that a shuffle costs one product of matrices. No seed
but the probe's own is used, and nothing of the training is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.contradictions import measure_sureness
from logbook.training.data.signal_features import row_features
from logbook_schemas.records.rows import ProbeScore, SignalRecord

__all__ = ["LARGEST_SAMPLE", "measure_signal"]

_Score: TypeAlias = Callable[[Array], float]

LARGEST_SAMPLE = 20_000
"""Rows that are enough for every model."""

_NEIGHBOUR_ROWS = 2_000
_NEIGHBOURS = 10
_MOST = 8
"""Of ten neighbours, so many of one class speak against a row of another."""
_SHUFFLES = 30
_CLEAR = 10.0
"""Standard deviations above shuffled labels, from which no further model is tried."""
_OUTPUTS = 16
_BINS = 8
_ENTRIES = 1_500_000
_PAIR_COLUMNS = 40


def measure_signal(inputs: Array, targets: Array, *, has_classes: bool) -> SignalRecord:
    """Return what simple models learn of targets from inputs [N, ...]: class indices [N], or numbers [N, K].

    Rows must be distinct and finite, in random order; how many each model takes is up to it. Once one is clearly
    better than on shuffled labels, no other is tried.
    """
    codes = _codes(targets) if has_classes else _ranked(targets)
    outputs = codes.shape[1]
    if outputs > _OUTPUTS:
        mix = np.random.Generator(np.random.PCG64(1)).normal(size=(outputs, _OUTPUTS))
        codes = (codes @ mix).astype(np.float32)
    columns, whole = row_features(inputs[:LARGEST_SAMPLE])
    few = slice(0, _NEIGHBOUR_ROWS)
    neighbours = _nearest(columns[few])
    probes: list[ProbeScore] = []
    for name, build in _models(columns, whole, neighbours):
        score, rows = build()
        probes.append(_score(name, codes[:rows], score))
        if probes[-1].deviations > _CLEAR:
            break
    votes = _votes(targets[few], neighbours) if has_classes else {}
    return SignalRecord(
        rows=min(len(inputs), LARGEST_SAMPLE),
        outputs=outputs,
        probes=tuple(probes),
        straight=_ridge(columns[few])(codes[few]),
        sureness=measure_sureness(columns, whole, targets) if has_classes and outputs > 1 else None,
        **votes,
    )


def _models(columns: Array, whole: Array, neighbours: Array) -> Iterator[tuple[str, Callable[[], tuple[_Score, int]]]]:
    """Yield each model's name and what gives its score of labels, with the rows that it takes; cheap ones first."""
    rows = _rows_for(columns.shape[1] + whole.shape[1], len(columns))

    def both() -> Array:
        return np.hstack([columns[:rows], whole[:rows]])

    def pairs() -> tuple[_Score, int]:
        found = _pairs(columns)
        return _largest_correlation(found), len(found)

    near = len(neighbours)
    yield "nearest neighbours", lambda: (lambda y: _correlation(y[neighbours].mean(axis=1), y), near)
    yield "nearest neighbour", lambda: (lambda y: _correlation(y[neighbours[:, 0]], y), near)
    yield "linear", lambda: (_ridge(both()), rows)
    yield "single columns", lambda: (_largest_of_bins(both()), rows)
    if columns.shape[1] > 1:
        yield "pairs of columns", pairs


def _codes(labels: Array) -> Array:
    """Return a column a class, [N, C] float32, each of mean 0."""
    present = np.unique(labels)
    found = (labels[:, None] == present).astype(np.float32)
    centred: Array = found - found.mean(axis=0)
    return centred


def _ranked(targets: Array) -> Array:
    """Return the rank of each value in its column, from -1 to 1: outliers count no more than others."""
    flat = targets.reshape(len(targets), -1)
    found = np.empty(flat.shape, dtype=np.float32)
    for column in range(flat.shape[1]):
        _, place, counts = np.unique(flat[:, column], return_inverse=True, return_counts=True)
        middle = np.cumsum(counts) - counts / 2
        found[:, column] = 2 * middle[place.reshape(-1)] / len(flat) - 1
    return found


def _rows_for(width: int, there: int) -> int:
    return min(there, max(_NEIGHBOUR_ROWS, min(LARGEST_SAMPLE, _ENTRIES // max(1, width))))


def _score(name: str, codes: Array, score: _Score) -> ProbeScore:
    rng = np.random.Generator(np.random.PCG64(2))
    shuffled = [score(codes[rng.permutation(len(codes))]) for _ in range(_SHUFFLES)]
    return ProbeScore(
        name=name, score=score(codes), chance=float(np.mean(shuffled)), spread=float(np.std(shuffled, ddof=1))
    )


def _correlation(predicted: Array, wanted: Array) -> float:
    predicted = predicted - predicted.mean(axis=0)
    size = float(np.sqrt((predicted**2).sum() * (wanted**2).sum()))
    return float((predicted * wanted).sum()) / size if size > 0 else 0.0


def _nearest(columns: Array) -> Array:
    """Return the places of the ten nearest other rows of each row, [N, 10], nearest first."""
    squares = np.einsum("ij,ij->i", columns, columns)
    distances = squares[None] - 2 * (columns @ columns.T)
    np.fill_diagonal(distances, np.inf)
    count = min(_NEIGHBOURS, len(columns) - 1)
    near = np.argpartition(distances, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(distances, near, axis=1), axis=1, kind="stable")
    found: Array = np.take_along_axis(near, order, axis=1)
    return found


def _ridge(features: Array) -> _Score:
    """Return the score of a ridge regression, each row predicted by the fit to all others."""
    rows, width = features.shape
    if not width:
        return lambda _: 0.0
    # As much shrinkage as columns: chance fits a share of columns / rows of anything.
    inverse = np.linalg.inv(features.T @ features + np.float32(width + 0.01 * rows) * np.eye(width, dtype=np.float32))
    weights = features @ inverse
    own = np.minimum(np.einsum("ij,ij->i", weights, features), 0.999)[:, None]

    def score(codes: Array) -> float:
        fitted = weights @ (features.T @ codes)
        return _correlation((fitted - own * codes) / (1 - own), codes)

    return score


def _largest_of_bins(features: Array) -> _Score:
    """Return the score of the one column whose eight ranges tell most: the correlation ratio."""
    if not features.shape[1]:
        return lambda _: 0.0
    edges = np.quantile(features, np.arange(1, _BINS) / _BINS, axis=0)
    place = np.zeros(features.shape, dtype=np.int8)
    for edge in edges:
        place += features > edge
    members = np.concatenate([(place == one) for one in range(_BINS)], axis=1).astype(np.float32)
    counts = np.maximum(members.sum(axis=0), 1)

    def score(codes: Array) -> float:
        sums = members.T @ codes
        between = ((sums**2).sum(axis=1) / counts).reshape(_BINS, -1).sum(axis=0)
        return float(np.sqrt(between.max() / max(float((codes**2).sum()), 1e-12)))

    return score


def _pairs(columns: Array) -> Array:
    """Return the products of two columns, standardised, float32; of many columns, those of 40 main directions."""
    if columns.shape[1] > _PAIR_COLUMNS:
        few = columns[:_NEIGHBOUR_ROWS]
        _, directions = np.linalg.eigh(few.T @ few)
        columns = columns @ directions[:, -_PAIR_COLUMNS:]
    one, two = np.triu_indices(columns.shape[1])
    rows = max(_NEIGHBOUR_ROWS, min(LARGEST_SAMPLE, _ENTRIES // len(one)))
    products = columns[:rows, one] * columns[:rows, two]
    products -= products.mean(axis=0)
    spread = products.std(axis=0)
    found: Array = products[:, spread > 1e-6] / spread[spread > 1e-6]
    return found


def _largest_correlation(features: Array) -> _Score:
    if not features.shape[1]:
        return lambda _: 0.0

    def score(codes: Array) -> float:
        size = len(codes) * max(float((codes**2).sum()), 1e-12)
        return float(np.sqrt(((features.T @ codes) ** 2).sum(axis=1).max() / size))

    return score


def _votes(labels: Array, neighbours: Array) -> dict[str, float | None]:
    """Return how often most of a row's neighbours are of its class, of others, and all of one."""
    present, places = np.unique(labels, return_inverse=True)
    places = places.reshape(-1)

    start = np.arange(len(places))[:, None] * len(present)

    def tally(own: Array) -> tuple[Array, Array]:
        counts = np.bincount((start + own[neighbours]).reshape(-1), minlength=start.size * len(present))
        counts = counts.reshape(len(own), len(present))
        return counts.argmax(axis=1), counts.max(axis=1)

    rng = np.random.Generator(np.random.PCG64(3))
    chance = []
    for _ in range(10):
        mixed = places[rng.permutation(len(places))]
        chance.append(float((tally(mixed)[0] == mixed).mean()))
    winner, count = tally(places)
    has_all = neighbours.shape[1] == _NEIGHBOURS
    return {
        "accuracy": float((winner == places).mean()),
        "chance_accuracy": float(np.mean(chance)),
        "accuracy_spread": float(np.std(chance, ddof=1)),
        "disagreeing_share": float(((winner != places) & (count >= _MOST)).mean()) if has_all else None,
        "unanimous_share": float((count == _NEIGHBOURS).mean()) if has_all else None,
    }
