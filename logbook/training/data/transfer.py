"""Whether what simple models learn of the training labels holds for the validation labels."""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.signal_features import row_features
from logbook_schemas.records.rows import ProbeScore

__all__ = ["measure_transfer"]

_ROWS = 2_000
_NEIGHBOURS = 10
_SHUFFLES = 30
_FEWEST = 20


def measure_transfer(
    train: tuple[Array, Array], validation: tuple[Array, Array], *, has_classes: bool
) -> tuple[ProbeScore, ...]:
    """Return how well nearest neighbours and a linear model, fitted on training rows, predict validation labels.

    Both are inputs [N, ...] with class indices [N] or numbers [N, K]. Empty where there are too few rows.
    """
    inputs, labels = train[0][:_ROWS], train[1][:_ROWS]
    others, wanted = validation[0][:_ROWS], validation[1][:_ROWS]
    if min(len(labels), len(wanted)) < _FEWEST:
        return ()
    both = np.concatenate([inputs, others])
    columns, whole = row_features(both)
    codes = _codes(np.concatenate([labels, wanted]), len(labels), has_classes=has_classes)
    known, asked = codes[: len(labels)], codes[len(labels) :]
    asked = asked - asked.mean(axis=0)
    near = _neighbours(columns[len(labels) :], columns[: len(labels)])
    features = np.hstack([columns, whole])
    return (
        _score("nearest neighbours", known[near].mean(axis=1), asked),
        _score("linear", _fitted(features[: len(labels)], known, features[len(labels) :]), asked),
    )


def _codes(labels: Array, known: int, *, has_classes: bool) -> Array:
    """Return a column a class, or the numbers in training deviations cut at ±3, float32, of training mean 0."""
    if has_classes:
        found = (labels[:, None] == np.unique(labels)).astype(np.float32)
        centred: Array = found - found[:known].mean(axis=0)
        return centred
    flat = labels.reshape(len(labels), -1).astype(np.float64)
    scaled = (flat - flat[:known].mean(axis=0)) / np.maximum(flat[:known].std(axis=0), 1e-12)
    cut: Array = np.clip(scaled, -3, 3).astype(np.float32)
    return cut


def _neighbours(asked: Array, known: Array) -> Array:
    distances = np.einsum("ij,ij->i", known, known)[None] - 2 * (asked @ known.T)
    count = min(_NEIGHBOURS, len(known))
    found: Array = np.argpartition(distances, count - 1, axis=1)[:, :count]
    return found


def _fitted(features: Array, codes: Array, asked: Array) -> Array:
    rows, width = features.shape
    squares = features.T @ features + np.float32(width + 0.01 * rows) * np.eye(width, dtype=np.float32)
    found: Array = asked @ np.linalg.solve(squares, features.T @ codes)
    return found


def _score(name: str, predicted: Array, wanted: Array) -> ProbeScore:
    predicted = predicted - predicted.mean(axis=0)
    size = max(float(np.sqrt((predicted**2).sum() * (wanted**2).sum())), 1e-12)
    rng = np.random.Generator(np.random.PCG64(4))
    shuffled = [float((predicted * wanted[rng.permutation(len(wanted))]).sum()) / size for _ in range(_SHUFFLES)]
    return ProbeScore(
        name=name,
        score=float((predicted * wanted).sum()) / size,
        chance=float(np.mean(shuffled)),
        spread=float(np.std(shuffled, ddof=1)),
    )
