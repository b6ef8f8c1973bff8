"""Small series, sentences and images as people bring them to a question; an argument does one thing wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["stock"]

Floats = NDArray[np.float32]
Classes = NDArray[np.int64]


def stock(days: int = 500, window: int = 10, raw: bool = False) -> tuple[Floats, Floats]:
    """Return windows `[N, window, 1]` of a price that swings, and the next day's; scaled, or `raw`."""
    draw = np.random.default_rng(30)
    time = np.arange(days + window)
    price = 4200 + 150 * np.sin(time / 9) + 80 * np.sin(time / 4 + 1) + draw.normal(0, 12, len(time))
    series = price if raw else (price - price.mean()) / price.std()
    x = np.stack([series[day : day + window] for day in range(days)])[:, :, None]
    return x.astype(np.float32), series[window:, None].astype(np.float32)


def heartbeats(rows: int = 360, steps: int = 30, counts: bool = False) -> tuple[Floats, Classes]:
    """Return noisy beats `[N, steps, 1]`, slow, usual or fast; about ±1, or as `counts` of a converter, 0 to 4095."""
    draw = np.random.default_rng(31)
    y = draw.integers(0, 3, rows)
    time = np.linspace(0, 1, steps)[None]
    x = np.sin(2 * np.pi * (1 + y[:, None]) * time + draw.uniform(0, 0.8, (rows, 1))) + draw.normal(
        0, 0.2, (rows, steps)
    )
    x = np.clip(np.round(2048 + 900 * x), 0, 4095) if counts else x
    return x.astype(np.float32)[:, :, None], y


def reviews(rows: int = 500, words: int = 400, longest: int = 24, kept: str = "all") -> tuple[Classes, Classes]:
    """Return reviews as numbers of words, padded behind with 0, and whether they praise.

    Words below 40 praise and those from 40 to 79 don't. `kept` is what is left of each: `all`, or the `last` 8 places,
    where most reviews are over.
    """
    draw = np.random.default_rng(32)
    y = draw.integers(0, 2, rows)
    x = np.zeros((rows, longest), dtype=np.int64)
    for row, praise in enumerate(y):
        length = draw.integers(6, longest // 2) if draw.random() < 0.95 else longest
        text = draw.integers(80, words, length)
        hit = draw.random(length) < 0.35
        text[hit] = draw.integers(1, 40, hit.sum()) if praise else draw.integers(40, 80, hit.sum())
        x[row, :length] = text
    return (x if kept == "all" else x[:, -8:]), y


def shapes(
    rows: int = 400, side: int = 12, unit: float = 1.0, last: bool = False, empty: bool = False, wrong: float = 0.0
) -> tuple[Floats, Classes]:
    """Return coloured pictures `[N, 3, side, side]` of a bar across, a bar down, a square or a cross.

    Pixels run from 0 to `unit`; channels stand `last`, as in a file; `empty` pictures were never filled; a share of
    `wrong` labels are drawn anew.
    """
    draw = np.random.default_rng(33)
    y = draw.integers(0, 4, rows)
    x = draw.uniform(0, 0.4, (rows, 3, side, side))
    for row, kind in enumerate(y):
        at, to = draw.integers(2, side - 4, 2)
        ink = draw.uniform(0.5, 1, (3, 1, 1))
        if kind in (0, 3):
            x[row, :, at : at + 2, :] = ink
        if kind in (1, 3):
            x[row, :, :, to : to + 2] = ink
        if kind == 2:
            x[row, :, at : at + 4, to : to + 4] = ink
    y = np.where(draw.random(rows) < wrong, draw.integers(0, 4, rows), y)
    x = np.zeros_like(x) if empty else np.round(x * unit) if unit > 1 else (x - 0.4) / 0.3 * unit
    return (x.transpose(0, 2, 3, 1) if last else x).astype(np.float32), y.astype(np.int64)
