"""Made-up data of a known difficulty. The same pattern, rows and seed give the same numbers on every machine."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import WHOLE, Examples, RawData
from logbook.training.data.sources.token_patterns import copy_names, draw_copy, draw_parity
from logbook_schemas.config.sequences import Copy, Parity
from logbook_schemas.config.sources import Blobs, Sine, Spirals, Synthetic, Xor

__all__ = ["load_synthetic"]


def load_synthetic(source: Synthetic) -> RawData:
    """Return `rows` examples of a pattern, inputs float64 [N, F]."""
    rng = np.random.Generator(np.random.PCG64(source.seed))
    pattern, rows = source.pattern, source.rows
    if isinstance(pattern, Blobs):
        inputs, targets = _blobs(pattern, rows, rng)
    elif isinstance(pattern, Spirals):
        inputs, targets = _spirals(pattern, rows, rng)
    elif isinstance(pattern, Xor):
        inputs, targets = _xor(pattern, rows, rng)
    elif isinstance(pattern, Sine):
        inputs, targets = _sine(pattern, rows, rng)
    elif isinstance(pattern, Parity):
        inputs, targets = draw_parity(pattern, rows, rng)
    elif isinstance(pattern, Copy):
        examples = Examples(*draw_copy(pattern, rows, rng))
        return RawData(label="synthetic copy", parts={WHOLE: examples}, classes=copy_names(pattern))
    else:
        assert_never(pattern)
    columns = tuple(f"x{index}" for index in range(inputs.shape[1]))
    return RawData(label=f"synthetic {pattern.kind}", parts={WHOLE: Examples(inputs, targets)}, columns=columns)


def _blobs(pattern: Blobs, rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    centres = rng.uniform(-10, 10, size=(pattern.classes, pattern.features))
    labels = np.arange(rows) % pattern.classes
    return centres[labels] + rng.normal(0, pattern.spread, size=(rows, pattern.features)), labels


def _spirals(pattern: Spirals, rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return arms within the unit circle; the root spreads the points evenly along an arm."""
    labels = np.arange(rows) % pattern.classes
    radius = np.sqrt(rng.uniform(0.01, 1, size=rows))
    angle = 2 * np.pi * (pattern.turns * radius + labels / pattern.classes)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + rng.normal(0, pattern.noise, size=points.shape), labels


def _xor(pattern: Xor, rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    points = rng.uniform(-1, 1, size=(rows, 2))
    labels = ((points[:, 0] > 0) != (points[:, 1] > 0)).astype(np.int64)
    return points + rng.normal(0, pattern.noise, size=points.shape), labels


def _sine(pattern: Sine, rows: int, rng: np.random.Generator) -> tuple[Array, Array]:
    inputs = rng.uniform(-np.pi, np.pi, size=(rows, 1))
    return inputs, np.sin(pattern.periods * inputs[:, 0]) + rng.normal(0, pattern.noise, size=rows)
