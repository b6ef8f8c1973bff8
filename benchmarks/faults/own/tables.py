"""Tables as people bring them: prices, sensors, categories, angles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["houses"]

Floats = NDArray[np.float32]


def houses(
    rows: int = 500, scaled: bool = False, flat: bool = False, glitches: int = 0, spoilt: int = 0, seed: int = 0
) -> tuple[Floats, Floats]:
    """Return area, rooms, age, distance and quality of houses, and the price in dollars.

    `scaled` standardizes both; `flat` leaves targets `[N]`, as is usual. `glitches` prices have three zeros too
    many; `spoilt` houses have no known age (NaN).
    """
    draw = np.random.default_rng(seed)
    area, rooms, age = draw.uniform(40, 250, rows), draw.integers(1, 7, rows), draw.uniform(0, 100, rows)
    distance, quality = draw.exponential(8, rows), draw.normal(5, 1.5, rows)
    price = 1500 * area + 8000 * rooms - 400 * age + 90000 / (1 + distance) + 100 * quality * area
    price = price + draw.normal(0, 10000, rows)
    x = np.stack([area, rooms, age, distance, quality], axis=1)
    if scaled:
        x, price = (x - x.mean(0)) / x.std(0), (price - price.mean()) / price.std()
    if glitches:
        price[draw.choice(rows, glitches, replace=False)] *= 1000
    if spoilt:
        x[draw.choice(rows, spoilt, replace=False), 2] = np.nan
    return x.astype(np.float32), price.astype(np.float32) if flat else price.astype(np.float32)[:, None]


def sensors(rows: int = 500, units: bool = False, glitches: float = 0.0, dead: bool = False) -> tuple[Floats, Floats]:
    """Return six sensors and what they predict. `units` leaves pascals beside volts.

    `glitches` is the share of readings that are an overflow; `dead` adds a sensor that always reads the same, and
    standardizes by hand.
    """
    draw = np.random.default_rng(2)
    x = draw.normal(size=(rows, 6))
    y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] - 0.3 * x[:, 4] ** 2 + draw.normal(0, 0.1, rows)
    if units:
        x = x * [1, 1000, 0.001, 1, 100000, 1] + [0, 0, 0, 20, 101300, 0]
    if glitches:
        x[draw.random(x.shape) < glitches] = 32767
    if dead:
        x = np.concatenate([x, np.full((rows, 1), 3.3)], axis=1).astype(np.float32)
        with np.errstate(invalid="ignore", divide="ignore"):
            x = (x - x[0]) / (x - x[0]).std(0)
    return x.astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)[:, None]


def shops(rows: int = 600, coded: bool = False) -> tuple[Floats, Floats]:
    """Return the shop (of 24) and the price cut, and the sales; shops one-hot, or `coded` as 0 to 23."""
    draw = np.random.default_rng(3)
    level = draw.normal(0, 1, 24)
    shop, cut = draw.integers(0, 24, rows), draw.uniform(-1, 1, rows)
    y = level[shop] + 0.5 * cut + draw.normal(0, 0.1, rows)
    number = shop[:, None].astype(float)
    x = np.concatenate([number if coded else np.eye(24)[shop], cut[:, None]], axis=1)
    return x.astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)[:, None]


def winds(rows: int = 600, radians: bool = False) -> tuple[Floats, Floats]:
    """Return direction and speed of the wind, and the drift northwards; as sine and cosine, or in `radians`."""
    draw = np.random.default_rng(4)
    angle, speed = draw.uniform(0, 360, rows), draw.uniform(0, 1, rows)
    y = np.cos(np.deg2rad(angle)) * (0.5 + speed) + draw.normal(0, 0.05, rows)
    around = [np.deg2rad(angle)] if radians else [np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))]
    x = np.stack([*around, speed], axis=1)
    return x.astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)[:, None]


def incomes(rows: int = 600, raw: bool = False) -> tuple[Floats, NDArray[np.int64]]:
    """Return three amounts of money that span five powers of ten, as logarithms, or `raw`, and who pays back.

    Either way they are divided by their deviation.
    """
    draw = np.random.default_rng(5)
    logs = draw.normal(0, 2.0, (rows, 3))
    y = (logs[:, 0] + 0.5 * logs[:, 1] - logs[:, 2] + draw.normal(0, 0.3, rows) > 0).astype(np.int64)
    return (np.exp(logs) / np.exp(logs).std(0) if raw else logs / 2.0).astype(np.float32), y


def motors(rows: int = 500, units: bool = False) -> tuple[Floats, Floats]:
    """Return settings of a motor, and its slip (a few hundredths) and its turns a minute; `units` leaves them so."""
    draw = np.random.default_rng(6)
    x = draw.normal(size=(rows, 4))
    slip = 0.05 + 0.01 * np.sin(x[:, 0]) + 0.01 * x[:, 1]
    turns = 3000 + 400 * x[:, 2] - 200 * x[:, 3] * x[:, 2]
    y = np.stack([slip, turns], axis=1)
    return x.astype(np.float32), (y if units else (y - y.mean(0)) / y.std(0)).astype(np.float32)


def defects(rows: int = 1200, rare: float = 0.5) -> tuple[Floats, NDArray[np.int64]]:
    """Return measurements of parts, and which are broken: a share of `rare`."""
    draw = np.random.default_rng(7)
    y = (np.arange(rows) < rare * rows).astype(np.int64)
    x = draw.normal(size=(rows, 8)) + 0.9 * y[:, None]
    order = draw.permutation(rows)
    return x[order].astype(np.float32), y[order]


def clouds(
    rows: int = 600, factor: float = 1.0, centre: float = 0.0, apart: float = 1.2
) -> tuple[Floats, NDArray[np.int64]]:
    """Return points of four clouds in eight dimensions, `apart`, multiplied by `factor` around `centre`."""
    draw = np.random.default_rng(8)
    y = draw.integers(0, 4, rows)
    x = draw.normal(size=(4, 8))[y] * apart + draw.normal(size=(rows, 8))
    return (factor * x / x.std() + centre).astype(np.float32), y


def decades(rows: int = 500, whole: bool = False) -> tuple[Floats, NDArray[np.float32 | np.int64]]:
    """Return things that wear with age, and the age in years, 0 to 79; `whole` gives it as a class."""
    draw = np.random.default_rng(9)
    age = draw.uniform(0, 80, rows)
    x = np.stack([age / 80 + draw.normal(0, 0.05, rows), np.sqrt(age / 80), draw.normal(size=rows)], axis=1)
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    return (x, age.astype(np.int64)) if whole else (x, ((age - 40) / 23).astype(np.float32)[:, None])
