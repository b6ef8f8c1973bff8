"""Series of sensors and of words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["waves"]


def waves(rows: int = 400, steps: int = 24, factor: float = 1.0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return noisy waves `[N, steps, 2]` of three frequencies, told apart."""
    draw = np.random.default_rng(0)
    y = draw.integers(0, 3, rows)
    time = np.linspace(0, 1, steps)[None, :, None]
    phase = draw.uniform(0, 2 * np.pi, (rows, 1, 2))
    x = np.sin(2 * np.pi * (1.5 + 1.5 * y[:, None, None]) * time + phase) + draw.normal(0, 0.3, (rows, steps, 2))
    return (factor * x).astype(np.float32), y.astype(np.int64)


def sums(rows: int = 500, steps: int = 10) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return series `[N, steps, 1]` and their mean, scaled to about ±1."""
    x = np.random.default_rng(1).normal(size=(rows, steps, 1)).astype(np.float32)
    y = x[:, :, 0].mean(1, keepdims=True) * np.sqrt(steps)
    return x, y.astype(np.float32)
