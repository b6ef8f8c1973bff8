"""How often labels contradict models that are sure of them, each row predicted by models of all others.

Where classes overlap, the surer a model is the seldomer it is contradicted. Labels that are wrong by chance contradict
it everywhere alike.
"""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array
from logbook_schemas.records.rows import SurenessRecord

__all__ = ["measure_sureness"]

_MOST_ROWS = 2_000
_WIDTH = 0.3
"""Width of the kernel: its square over the median of the squared distances."""
_WAVES = 300
_COMPARED = 500
_SURE, _MIDDLE = 1 / 3, 3 / 4


def measure_sureness(columns: Array, whole: Array, labels: Array) -> SurenessRecord:
    """Return how often class indices [N] contradict the better of two models, by how sure that is of a row.

    The models are a linear one of all features, and one of the columns that follows any smooth border.
    """
    few = slice(0, _MOST_ROWS)
    columns, labels = columns[few].astype(np.float64), labels[few]
    features = np.hstack([columns, whole[few]])
    # As much shrinkage as columns: chance fits a share of columns / rows of anything.
    shrinkage = features.shape[1] + 0.01 * len(features)
    present, places = np.unique(labels, return_inverse=True)
    places = places.reshape(-1)
    shares = np.bincount(places) / len(places)
    codes = np.eye(len(present))[places] - shares
    predictions = [shares + _linear(features, codes, shrinkage), shares + _linear(_waves(columns), codes, 1.0)]
    best = max(predictions, key=lambda one: int((one.argmax(axis=1) == places).sum()))
    ordered = np.sort(best, axis=1)
    order = np.argsort(ordered[:, -2] - ordered[:, -1], kind="stable")
    predicted = best.argmax(axis=1)
    is_wrong = (predicted != places)[order]
    sure, middle = int(_SURE * len(order)), int(_MIDDLE * len(order))
    return SurenessRecord(
        sure_rows=sure,
        sure_wrong=int(is_wrong[:sure].sum()),
        middle_rows=middle - sure,
        middle_wrong=int(is_wrong[sure:middle].sum()),
        unsure_rows=len(order) - middle,
        unsure_wrong=int(is_wrong[middle:].sum()),
        guess_wrong=float(1 - shares.max()),
        agreement=_agreement(predicted[order[:sure]], places[order[:sure]], len(present)),
    )


def _agreement(predicted: Array, labels: Array, classes: int) -> float | None:
    """Return how often two rows of one prediction, both of another class, agree in which; over what chance does."""
    pairs = predicted * classes + labels
    counts = np.bincount(pairs[predicted != labels], minlength=classes**2).reshape(classes, classes).astype(np.float64)
    sums = counts.sum(axis=1)
    possible = float((sums * (sums - 1)).sum())
    if classes < 3 or possible <= 0:
        return None
    return float((counts * (counts - 1)).sum()) / possible * (classes - 1)


def _linear(features: Array, codes: Array, shrinkage: float) -> Array:
    """Return a ridge regression's predictions, each row by the fit to all others."""
    width = features.shape[1]
    if not width:
        return np.zeros_like(codes)
    weights = features @ np.linalg.inv(features.T @ features + shrinkage * np.eye(width, dtype=features.dtype))
    own = np.minimum(np.einsum("ij,ij->i", weights, features), 0.999)[:, None]
    found: Array = (weights @ (features.T @ codes) - own * codes) / (1 - own)
    return found


def _waves(columns: Array) -> Array:
    """Return waves [N, 300] in random directions, whose products are about a Gaussian kernel's (Rahimi and Recht)."""
    few = columns[:_COMPARED]
    squares = np.einsum("ij,ij->i", few, few)
    usual = float(np.median(squares[:, None] - 2 * (few @ few.T) + squares))
    if usual <= 0:
        return columns[:, :0]
    rng = np.random.Generator(np.random.PCG64(4))
    directions = rng.normal(size=(columns.shape[1], _WAVES)) * np.sqrt(2 / (_WIDTH * usual))
    phases = rng.uniform(0, 2 * np.pi, _WAVES)
    found: Array = np.sqrt(2 / _WAVES) * np.cos(columns @ directions + phases)
    return found
