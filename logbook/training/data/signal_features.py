"""What simple models look at: the columns, what a row is like as a whole, and how its values swing.

A class may show in no column by itself: how bright an image is, how fast a signal swings wherever it begins. So the
features go well beyond the columns, that labels are called uninformative only where nothing of all this helps.
"""

from __future__ import annotations

import numpy as np

from logbook.training.data.arrays import Array

__all__ = ["row_features", "standardised"]

_MOST_COLUMNS = 300
_SPECTRUM = 48
_LIMIT = 5.0


def standardised(columns: Array) -> Array:
    """Return columns [N, D] float32 of mean 0 and deviation 1, cut at ±5; constant ones are left out."""
    wide = columns.astype(np.float64)
    spread = wide.std(axis=0)
    varies = spread > 1e-9 * (1e-9 + np.abs(wide).max(axis=0, initial=0.0))
    scaled = (wide[:, varies] - wide[:, varies].mean(axis=0)) / spread[varies]
    cut: Array = np.clip(scaled, -_LIMIT, _LIMIT).astype(np.float32)
    return cut


def row_features(inputs: Array) -> tuple[Array, Array]:
    """Return the columns of rows [N, ...] and features of whole rows, both standardised, float32.

    Of more than 300 columns, 300 mixtures of them with fixed random weights of -1 and 1 beside.
    """
    flat = inputs.reshape(len(inputs), -1).astype(np.float32)
    columns = standardised(flat)
    if columns.shape[1] > _MOST_COLUMNS:
        rng = np.random.Generator(np.random.PCG64(0))
        signs = rng.choice(np.array([-1, 1], dtype=np.float32), size=(columns.shape[1], _MOST_COLUMNS))
        columns = columns @ (signs / np.float32(np.sqrt(columns.shape[1])))
    if flat.shape[1] < 3:
        return columns, np.empty((len(flat), 0), dtype=np.float32)
    return columns, np.hstack([standardised(_summary(flat)), standardised(_swing(inputs, flat))])


def _summary(flat: Array) -> Array:
    """Return what the values of each row are like together, [N, 7]."""
    steps = np.abs(np.diff(flat, axis=1))
    parts = [flat.mean(1), flat.std(1), flat.min(1), flat.max(1), np.median(flat, axis=1), steps.mean(1), steps.max(1)]
    return np.stack(parts, axis=1)


def _swing(inputs: Array, flat: Array) -> Array:
    """Return the logarithm of each row's power by frequency, wherever in the row it swings, [N, at most 96]."""
    is_image = inputs.ndim >= 3 and min(inputs.shape[-2:]) >= 4
    centred = flat - flat.mean(axis=1, keepdims=True)
    if is_image:
        grid = centred.reshape(len(flat), -1, *inputs.shape[-2:])
        power = (np.abs(np.fft.rfft2(grid)) ** 2).mean(axis=1)
        powers = [power.mean(axis=1), power.mean(axis=2), _by_radius(power)]
    else:
        powers = [np.abs(np.fft.rfft(centred, axis=1)) ** 2]
    found: Array = np.log1p(np.hstack([power[:, :_SPECTRUM] for power in powers]))
    return found


def _by_radius(power: Array) -> Array:
    """Return the mean power of an image by distance from frequency 0, [N, at most 48], whatever its direction."""
    rows, columns = power.shape[1:]
    across = np.minimum(np.arange(rows), rows - np.arange(rows))
    radius = np.hypot(across[:, None], np.arange(columns)[None]).astype(int).reshape(-1)
    size = min(int(radius.max()) + 1, _SPECTRUM)
    member = (radius[:, None] == np.arange(size)).astype(np.float64)
    mean: Array = power.reshape(len(power), -1) @ (member / np.maximum(member.sum(axis=0), 1))
    return mean
