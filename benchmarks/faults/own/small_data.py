"""Toy problems as people try them first: truth tables, sums, curves, spirals, tags, short sequences, tiny images."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_circles

__all__ = ["xor"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def xor(bits: int = 2) -> tuple[Floats, Floats]:
    """Return all rows of a truth table, and whether an odd number of the bits is set."""
    x = np.array(list(itertools.product([0, 1], repeat=bits)), dtype=np.float32)
    return x, (x.sum(1) % 2).astype(np.float32)


def sums(rows: int = 400) -> tuple[Floats, Floats]:
    """Return pairs of numbers in 0 to 1, and their sums."""
    x = np.random.default_rng(0).uniform(0, 1, (rows, 2)).astype(np.float32)
    return x, x.sum(1)


def parabola(rows: int = 300) -> tuple[Floats, Floats]:
    """Return numbers from -2 to 2, and their squares."""
    x = np.linspace(-2, 2, rows, dtype=np.float32)[:, None]
    return x, x[:, 0] ** 2


def sine(rows: int = 400, factor: float = 1.0) -> tuple[Floats, Floats]:
    """Return numbers from -3 to 3, and `factor` times their sines."""
    x = np.random.default_rng(1).uniform(-3, 3, (rows, 1)).astype(np.float32)
    return x, factor * np.sin(x)


def line(rows: int = 200) -> tuple[Floats, Floats]:
    """Return numbers around 0, and the points of a line that crosses the axis at 5."""
    draw = np.random.default_rng(2)
    x = draw.uniform(-3, 3, (rows, 1)).astype(np.float32)
    return x, (2 * x + 5 + draw.normal(0, 0.1, (rows, 1))).astype(np.float32)


def fizzbuzz() -> tuple[Floats, Ints]:
    """Return 1 to 1023 as ten bits, and number, fizz, buzz or fizzbuzz."""
    number = np.arange(1, 1024)
    x = (number[:, None] >> np.arange(10)) & 1
    y = np.select([number % 15 == 0, number % 5 == 0, number % 3 == 0], [3, 2, 1], 0)
    return x.astype(np.float32), y.astype(np.int64)


def iris() -> tuple[Floats, Ints]:
    """Return the irises, standardized."""
    x, y = load_iris(return_X_y=True)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), y.astype(np.int64)


def tumours() -> tuple[Floats, Ints]:
    """Return the tumours, standardized, and whether they are harmless."""
    x, y = load_breast_cancer(return_X_y=True)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), y.astype(np.int64)


def diabetes() -> tuple[Floats, Floats]:
    """Return patients and how their illness went on, both standardized."""
    x, y = load_diabetes(return_X_y=True, scaled=False)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)


def rings(rows: int = 400) -> tuple[Floats, Ints]:
    """Return points of two rings, one in the other."""
    x, y = make_circles(rows, noise=0.08, factor=0.4, random_state=0)
    return x.astype(np.float32), y.astype(np.int64)


def pinwheel(rows: int = 600) -> tuple[Floats, Ints]:
    """Return points of three spiral arms."""
    draw = np.random.default_rng(3)
    y = draw.integers(0, 3, rows)
    way = draw.uniform(0.1, 1, rows)
    angle = 4 * way + 2 * np.pi * y / 3 + draw.normal(0, 0.1, rows)
    return np.stack([way * np.cos(angle), way * np.sin(angle)], axis=1).astype(np.float32) * 2, y


def tags(rows: int = 500) -> tuple[Floats, Floats]:
    """Return eight measurements, and which of four tags hold: several may, or none."""
    draw = np.random.default_rng(4)
    x = draw.normal(size=(rows, 8))
    y = np.stack([x[:, 0] + x[:, 1] > 0, x[:, 2] > 0.3, x[:, 3] * x[:, 4] > 0, x[:, 5] - x[:, 6] > -0.3], axis=1)
    return x.astype(np.float32), y.astype(np.float32)


def robot(rows: int = 500) -> tuple[Floats, Floats]:
    """Return the two angles of an arm, and where its hand is: x and y."""
    angle = np.random.default_rng(5).uniform(-1.5, 1.5, (rows, 2))
    both = angle.sum(1)
    hand = np.stack([np.cos(angle[:, 0]) + np.cos(both), np.sin(angle[:, 0]) + np.sin(both)], axis=1)
    return angle.astype(np.float32), hand.astype(np.float32)


def words(rows: int = 500, steps: int = 8) -> tuple[Ints, Ints]:
    """Return sequences of twenty tokens, and whether more of them are even than odd."""
    tokens = np.random.default_rng(6).integers(1, 21, (rows, steps))
    return tokens, ((tokens % 2 == 0).sum(1) > steps // 2).astype(np.int64)


def bars(rows: int = 500) -> tuple[Floats, Ints]:
    """Return images `[N, 1, 10, 10]` of a horizontal, a vertical or a slanted bar, with noise."""
    draw = np.random.default_rng(7)
    y, place = draw.integers(0, 3, rows), draw.integers(2, 8, rows)
    x = draw.normal(0, 0.2, (rows, 1, 10, 10))
    for image, kind, at in zip(x, y, place, strict=True):
        match kind:
            case 0:
                image[0, at, :] += 1
            case 1:
                image[0, :, at] += 1
            case _:
                np.einsum("ii->i", image[0])[:] += 1
    return x.astype(np.float32), y


def pictures(rows: int = 600) -> tuple[Floats, Ints]:
    """Return coloured images `[N, 10, 10, 3]`, channels last as they are loaded: a red, green or blue spot or ring."""
    draw = np.random.default_rng(8)
    y = draw.integers(0, 4, rows)
    x = draw.normal(0, 0.2, (rows, 10, 10, 3))
    for image, kind in zip(x, y, strict=True):
        row, column = draw.integers(2, 8, 2)
        image[row - 1 : row + 2, column - 1 : column + 2, kind % 2] += 1
        if kind > 1:
            image[row, column, kind % 2] -= 1
    return x.astype(np.float32), y


def flat_digits(centred: bool = False) -> tuple[Floats, Ints]:
    """Return 800 digits `[N, 64]` from 0 to 1; `centred` takes the mean image off and divides by the deviation."""
    x, y = load_digits(return_X_y=True)
    x = x[:800] / 16
    return (((x - x.mean(0)) / x.std()) if centred else x).astype(np.float32), y[:800].astype(np.int64)
