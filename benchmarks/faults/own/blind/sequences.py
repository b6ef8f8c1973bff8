"""Made-up sequences: of words as numbers, and of measurements over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["directions", "gestures", "reviews"]

Table = tuple[NDArray[Any], NDArray[Any]]


def reviews(rows: int = 800, words: int = 60, length: int = 14) -> Table:
    """Texts as word numbers from 1: words 1 to 12 praise, 13 to 24 blame, and the majority of them is the label."""
    random = np.random.default_rng(31)
    texts = random.integers(25, words, (rows, length))
    label = random.integers(0, 2, rows)
    for text, praise in zip(texts, label, strict=True):
        count = random.integers(3, 6)
        places = random.choice(length, count + 1, replace=False)
        text[places[:count]] = random.integers(1, 13, count) + (0 if praise else 12)
        text[places[count:]] = random.integers(1, 13) + (12 if praise else 0)
    return texts.astype("int64"), label


def gestures(rows: int = 600, steps: int = 16) -> Table:
    """Three channels over time; the class is which of them swings first, or that none does."""
    random = np.random.default_rng(32)
    x = random.normal(0, 0.3, (rows, steps, 3))
    label = random.integers(0, 4, rows)
    t = np.arange(steps)
    for example, kind in zip(x, label, strict=True):
        if kind < 3:
            example[:, kind] += 1.5 * np.sin(t * random.uniform(0.6, 1.0) + random.uniform(0, 6))
    return x.astype("float32"), label


def directions(rows: int = 700) -> Table:
    """A wind's two readings by four vanes, and the direction as a vector of length 1."""
    random = np.random.default_rng(33)
    angle = random.uniform(0, 2 * np.pi, rows)
    unit = np.stack([np.cos(angle), np.sin(angle)], 1)
    turned = [np.cos(angle + shift) * random.uniform(0.8, 1.2, rows) for shift in (0.3, 1.4, 2.9, 4.4)]
    return np.stack(turned, 1).astype("float32"), unit.astype("float32")
