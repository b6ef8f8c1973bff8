"""Small problems that people try a first network on, as they write them."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

__all__ = ["xor"]

Floats = NDArray[np.float32]
Table = tuple[Floats, Floats]
Classes = tuple[Floats, NDArray[np.int64]]


def xor() -> dict[str, Table]:
    """Return the four rows of XOR, and nothing to validate on."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    y = np.array([[0], [1], [1], [0]], np.float32)
    return {"train": (x, y)}


def parity(bits: int = 6) -> dict[str, Table]:
    """Return every row of some bits, as -1 and 1, and whether an odd number of them is set."""
    x = np.array(list(itertools.product([0, 1], repeat=bits)), np.float32)
    y = (x.sum(1, keepdims=True) % 2).astype(np.float32)
    return {"train": (2 * x - 1, y)}


def sine(rows: int = 400) -> Table:
    """Return points of a noisy sine."""
    draw = np.random.default_rng(11)
    x = draw.uniform(-np.pi, np.pi, (rows, 1))
    y = np.sin(x) + draw.normal(0, 0.05, (rows, 1))
    return x.astype(np.float32), y.astype(np.float32)


def sums(rows: int = 500) -> Table:
    """Return pairs of numbers in [0, 1] and their sum."""
    x = np.random.default_rng(12).uniform(0, 1, (rows, 2)).astype(np.float32)
    return x, x.sum(1, keepdims=True)


def iris() -> Classes:
    """Return the irises, standardized."""
    return _table("iris")


def wine() -> Classes:
    """Return the wines, standardized."""
    return _table("wine")


def cancer() -> Classes:
    """Return the tumours, standardized."""
    return _table("breast_cancer")


def diabetes() -> Table:
    """Return the patients and how their illness went on, both standardized."""
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def bars(rows: int = 500, size: int = 12) -> Classes:
    """Return images `[N, 1, size, size]` of a standing bar, a lying bar or a blob in noise."""
    draw = np.random.default_rng(13)
    y = draw.integers(0, 3, rows)
    x = draw.normal(0, 0.3, (rows, 1, size, size))
    for row, kind in enumerate(y):
        a, b = draw.integers(1, size - 3, 2)
        if kind == 0:
            x[row, 0, 1:-1, a] += 1
        elif kind == 1:
            x[row, 0, a, 1:-1] += 1
        else:
            x[row, 0, a : a + 3, b : b + 3] += 1
    return x.astype(np.float32), y.astype(np.int64)


def first_note(rows: int = 500, steps: int = 20) -> Classes:
    """Return noisy series `[N, steps, 1]`, told apart by the first value alone."""
    draw = np.random.default_rng(14)
    y = draw.integers(0, 2, rows)
    x = draw.normal(0, 0.3, (rows, steps, 1))
    x[:, 0, 0] = 2.0 * y - 1
    return x.astype(np.float32), y.astype(np.int64)


def strokes() -> Table:
    """Return the digits, 0 to 1, to be reproduced."""
    from sklearn.datasets import load_digits

    x = (load_digits().data[:600] / 16).astype(np.float32)
    return x, x


def _table(name: str) -> Classes:
    from sklearn import datasets

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), y.astype(np.int64)
