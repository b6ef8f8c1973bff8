"""Small tables as people bring them to a question: gates, sines, prices, wine; an argument does one thing wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.model_selection import train_test_split

__all__ = ["gate"]

Floats = NDArray[np.float32]
Classes = NDArray[np.int64]
Pair = tuple[Floats, NDArray[np.float32 | np.int64]]


def _unit(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return (x - x.mean(0)) / x.std(0)


def gate(high: float = 1.0) -> dict[str, Pair]:
    """Return exclusive or, four rows that are trained and looked at; a true input is `high`."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32) * np.float32(high)
    y = np.array([0, 1, 1, 0], dtype=np.int64)
    return {"train": (x, y), "validation": (x, y)}


def sine(rows: int = 400, turns: float = 1.0, raw: bool = False) -> Pair:
    """Return x and sin x over some `turns`; x scaled, or `raw`."""
    x = np.random.default_rng(20).uniform(0, 2 * np.pi * turns, (rows, 1))
    return (x if raw else _unit(x)).astype(np.float32), np.sin(x).astype(np.float32)


def flats(rows: int = 400, unit: float = 0.0, unknown: float = 0.0, worthless: float = 0.0) -> Pair:
    """Return size, rooms, floor and age of flats, scaled, and what they cost, scaled too unless in a `unit`.

    A share of `unknown` ages are -999, and of `worthless` prices 9999999, before anything is scaled.
    """
    draw = np.random.default_rng(21)
    size, rooms, floor = draw.uniform(20, 150, rows), draw.integers(1, 6, rows), draw.integers(0, 9, rows)
    age = draw.uniform(0, 120, rows)
    cost = 3000 * size + 9000 * rooms + 2500 * floor - 900 * age + draw.normal(0, 15000, rows)
    age = np.where(draw.random(rows) < unknown, -999, age)
    x = _unit(np.stack([size, rooms, floor, age], axis=1))
    if worthless:
        cost = np.where(draw.random(rows) < worthless, 9999999, cost)
    y = cost / 3e5 * unit if unit else _unit(cost)
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def weather(rows: int = 500, raw: bool = False, logged: bool = False) -> tuple[Floats, Classes]:
    """Return temperature in kelvin, humidity, wind and rain of days, and whether the next is fine; scaled or `raw`.

    `logged` takes the logarithm of the rain, which is 0 on dry days.
    """
    draw = np.random.default_rng(22)
    kelvin, humid = draw.normal(285, 8, rows), draw.uniform(0.2, 1, rows)
    wind, rain = draw.gamma(2, 0.5, rows), np.where(draw.random(rows) < 0.3, 0, draw.gamma(2, 1, rows))
    score = (kelvin - 285) / 8 - 4 * (humid - 0.6) - 0.4 * rain + draw.normal(0, 0.3, rows)
    with np.errstate(divide="ignore"):
        x = np.stack([kelvin, humid, wind, np.log(rain) if logged else rain], axis=1)
    finite = np.where(np.isfinite(x), x, np.nan)
    scaled = (x - np.nanmean(finite, 0)) / np.nanstd(finite, 0)
    return (x if raw else scaled).astype(np.float32), (score > -0.6).astype(np.int64)


def gauges(rows: int = 500, resting: bool = False) -> Pair:
    """Return six gauges of a pump and its flow; `resting` leaves what each reads at rest, a hundred times the swing."""
    draw = np.random.default_rng(23)
    x = draw.normal(size=(rows, 6))
    y = np.tanh(x[:, 0] * x[:, 1]) + x[:, 2] - 0.5 * x[:, 3] ** 2 + draw.normal(0, 0.1, rows)
    rest = draw.uniform(3, 8, 6)
    return (rest + 0.04 * x if resting else x).astype(np.float32), _unit(y).astype(np.float32)[:, None]


def tumours(
    shifted: int = 0, flipped: float = 0.0, rows: int | None = None, twice: bool = False, seed: int = 24
) -> tuple[Floats, Classes]:
    """Return scikit-learn's breast cancer, scaled and mixed. `shifted` moves the labels by some rows.

    A share `flipped` of the labels are wrong; each row stands there `twice`.
    """
    x, y = load_breast_cancer(return_X_y=True)
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(y))[:rows]
    x, y = _unit(x)[order].astype(np.float32), np.roll(y[order], shifted).astype(np.int64)
    y = np.where(draw.random(len(y)) < flipped, 1 - y, y)
    if twice:
        again = draw.permutation(np.tile(np.arange(len(y)), 2))
        return x[again], y[again]
    return x, y


def halves(scaled: str = "train", winter: float = 0.0) -> dict[str, Pair]:
    """Return the breast cancer already split, `scaled` by the training rows, each by its `own`, or training `only`.

    `winter` is how many deviations all validation rows lie off, as those of another hospital might.
    """
    x, y = load_breast_cancer(return_X_y=True)
    train, test, train_y, test_y = train_test_split(x, y, test_size=0.25, random_state=1, stratify=y)
    mean, std = train.mean(0), train.std(0)
    if scaled == "own":
        test = (test - test.mean(0)) / test.std(0)
    elif scaled == "train":
        test = (test - mean) / std + winter
    both = (((train - mean) / std, train_y), (test, test_y))
    first, second = ((x.astype(np.float32), y.astype(np.int64)) for x, y in both)
    return {"train": first, "validation": second}


def flowers(order: str = "mixed", numbered: bool = False) -> tuple[Floats, Classes]:
    """Return iris, scaled, `mixed` or as the file has it (`file`); `numbered` leaves the file's row number in."""
    x, y = load_iris(return_X_y=True)
    if numbered:
        x = np.concatenate([np.arange(1, len(y) + 1)[:, None], x], axis=1)
    chosen = np.random.default_rng(25).permutation(len(y)) if order == "mixed" else np.arange(len(y))
    return _unit(x)[chosen].astype(np.float32), y[chosen].astype(np.int64)


def bottles(by: str = "column", answer: bool = False) -> tuple[Floats, Classes]:
    """Return wine, each column scaled, or each row (`by`); `answer` leaves the kind of wine among the columns."""
    x, y = load_wine(return_X_y=True)
    if answer:
        x = np.concatenate([x, y[:, None]], axis=1)
    scaled = _unit(x) if by == "column" else _unit(x.T).T
    return scaled.astype(np.float32), y.astype(np.int64)


def patients(answer: bool = False, constant: bool = False) -> Pair:
    """Return diabetes, scaled; `answer` leaves the progression among the columns, `constant` loses it."""
    x, y = load_diabetes(return_X_y=True)
    if answer:
        x = np.concatenate([x, y[:, None]], axis=1)
    y = np.ones_like(y) if constant else _unit(y)
    return _unit(x).astype(np.float32), y.astype(np.float32)[:, None]


def heaps(rows: int = 600, wrong: float = 0.0, classes: int = 3) -> tuple[Floats, Classes]:
    """Return heaps of points in the plane, some touching; a share of `wrong` labels are drawn anew."""
    draw = np.random.default_rng(26)
    y = draw.integers(0, classes, rows)
    angle = 2 * np.pi * y / classes
    x = 2.2 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + draw.normal(size=(rows, 2))
    y = np.where(draw.random(rows) < wrong, draw.integers(0, classes, rows), y)
    return x.astype(np.float32), y.astype(np.int64)


def alarms(rows: int = 2000, share: float = 0.4) -> tuple[Floats, Classes]:
    """Return readings of a machine, and whether it fails, as a share of them do."""
    draw = np.random.default_rng(27)
    y = (draw.random(rows) < share).astype(np.int64)
    x = draw.normal(size=(rows, 5)) + 0.8 * y[:, None]
    return x.astype(np.float32), y


def shirts(rows: int = 800, coded: bool = False) -> Pair:
    """Return town (of 15) and size (0 to 5) of orders, and the days they take; towns one-hot or `coded`."""
    draw = np.random.default_rng(28)
    town, size = draw.integers(0, 15, rows), draw.integers(0, 6, rows)
    days = draw.permutation(15)[town] / 4 + 0.2 * size + draw.normal(0, 0.2, rows)
    columns = town[:, None] if coded else np.eye(15)[town]
    x = _unit(np.concatenate([columns, size[:, None]], axis=1).astype(float))
    return x.astype(np.float32), _unit(days).astype(np.float32)[:, None]
