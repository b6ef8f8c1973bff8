"""Made-up tables, curves and images: each a function of its keyword arguments that returns inputs and targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "cultivars",
    "curve",
    "doctored",
    "flats",
    "glyphs",
    "machines",
    "moons",
    "parity",
    "rings",
    "sensors",
    "split_apart",
    "tags",
    "triple",
]

Table = tuple[NDArray[Any], NDArray[Any]]


def moons(rows: int = 600, noise: float = 0.12) -> Table:
    """Two half circles that hold each other."""
    random = np.random.default_rng(11)
    angle = random.uniform(0, np.pi, rows)
    label = random.integers(0, 2, rows)
    x = np.where(label, 1 - np.cos(angle), np.cos(angle)) - 0.5
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle)) - 0.25
    points = np.stack([x, y], 1) * 1.4 + random.normal(0, noise, (rows, 2))
    return points.astype("float32"), label


def rings(rows: int = 800) -> Table:
    """A disc and the ring around it, in the middle of four inputs."""
    random = np.random.default_rng(12)
    label = random.integers(0, 2, rows)
    radius = np.where(label, random.uniform(1.5, 2.1, rows), random.uniform(0, 1.1, rows))
    angle = random.uniform(0, 2 * np.pi, rows)
    plane = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return np.concatenate([plane, random.normal(0, 1, (rows, 2))], 1).astype("float32"), label


def parity(bits: int = 6, rows: int = 1200) -> Table:
    """Bits as -1 and 1 with a little noise, and whether the number of ones among the first three is odd."""
    random = np.random.default_rng(13)
    signs = random.choice([-1.0, 1.0], (rows, bits))
    return (signs + random.normal(0, 0.1, signs.shape)).astype("float32"), (signs[:, :3].prod(1) > 0).astype("int64")


def curve(rows: int = 500, noise: float = 0.05, scale: float = 1.0, shift: float = 0.0) -> Table:
    """A function of one variable, x sin 2x + x / 2 on [-2, 2], of mean about 0 and range about -3 to 1."""
    random = np.random.default_rng(14)
    x = random.uniform(-2, 2, (rows, 1))
    y = x[:, 0] * np.sin(2 * x[:, 0]) + x[:, 0] / 2 + random.normal(0, noise, rows)
    return x.astype("float32"), (y * scale + shift).astype("float32")


def flats(rows: int = 700, unit: float = 1.0) -> Table:
    """Flats by area, rooms, age, distance and floor (in deviations from the mean), and their price in some unit."""
    random = np.random.default_rng(15)
    x = random.normal(0, 1, (rows, 5))
    worth = 0.9 * x[:, 0] + 0.3 * x[:, 1] - 0.4 * x[:, 2] * (x[:, 3] > 0) - 0.5 * np.abs(x[:, 3]) + 0.1 * x[:, 4]
    worth = worth - worth.mean() + random.normal(0, 0.1, rows)
    price = worth / worth.std() if unit == 1.0 else (3 + worth / worth.std()) * unit
    return x.astype("float32"), price.astype("float32")


def triple(rows: int = 600) -> Table:
    """Three things to predict from six, each of deviation about 1."""
    random = np.random.default_rng(16)
    x = random.normal(0, 1, (rows, 6))
    y = np.stack([x[:, 0] - x[:, 1], np.tanh(2 * x[:, 2]) + 0.7 * x[:, 3], x[:, 4] * np.sign(x[:, 5])], 1)
    return x.astype("float32"), (y + random.normal(0, 0.05, y.shape)).astype("float32")


def cultivars(rows: int = 900, classes: int = 7, raw: bool = False) -> Table:
    """Plants of seven sorts, two clouds each, whose numbers mean nothing; raw inputs are in grams, mm and metres."""
    random = np.random.default_rng(17)
    centres = random.normal(0, 1.6, (2 * classes, 5))
    cloud = random.integers(0, 2 * classes, rows)
    x = centres[cloud] + random.normal(0, 0.45, (rows, 5))
    x = (x - x.mean(0)) / x.std(0)
    if raw:
        x = x * [300.0, 12.0, 0.02, 900.0, 4.0] + [1500.0, 60.0, 0.1, 4000.0, 20.0]
    return x.astype("float32"), cloud % classes


def machines(rows: int = 1200, failing: float = 0.5) -> Table:
    """Machines by eight readings, some of them failing: a bent border, and a share of failures that is asked for."""
    random = np.random.default_rng(18)
    x = random.normal(0, 1, (40 * rows, 8))
    score = x[:, 0] + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + random.normal(0, 0.15, len(x))
    label = (score > 0.9).astype("int64")
    bad = np.flatnonzero(label == 1)[: int(rows * failing)]
    good = np.flatnonzero(label == 0)[: rows - len(bad)]
    chosen = random.permutation(np.concatenate([bad, good]))
    return x[chosen].astype("float32"), label[chosen]


def tags(rows: int = 900, labels: int = 6) -> Table:
    """Texts as ten measures, each with any of six tags, two or three of them on average."""
    random = np.random.default_rng(19)
    x = random.normal(0, 1, (rows, 10))
    y = x @ random.normal(0, 1, (10, labels)) + 0.5 * np.abs(x[:, :labels]) - 0.7
    return x.astype("float32"), (y > 0).astype("float32")


def sensors(rows: int = 800, missing: float = 0.0) -> Table:
    """Nine sensors and one of four states; some readings are missing where that is asked for."""
    random = np.random.default_rng(20)
    x = random.normal(0, 1, (rows, 9))
    y = (x[:, 0] + 0.8 * x[:, 1] ** 2 > 0.5) * 2 + (x[:, 2] - x[:, 3] > 0)
    x[random.random(x.shape) < missing] = np.nan
    return x.astype("float32"), y.astype("int64")


def glyphs(rows: int = 600, unit: float = 1.0, low: float = 0.0) -> Table:
    """Images of 10 x 10: a bar across, a bar down, a cross or a square frame, somewhere on a noisy ground."""
    random = np.random.default_rng(21)
    images = random.uniform(0, 0.5, (rows, 1, 10, 10))
    labels = random.integers(0, 4, rows)
    for image, label, (i, j) in zip(images[:, 0], labels, random.integers(0, 5, (rows, 2)), strict=True):
        piece = image[i : i + 6, j : j + 6]
        if label in (0, 2):
            piece[2:4, :] += 0.5
        if label in (1, 2):
            piece[:, 2:4] = np.maximum(piece[:, 2:4], 0.5 + random.uniform(0, 0.4))
        if label == 3:
            piece[[0, -1], :] += 0.5
            piece[1:-1, [0, -1]] += 0.5
    images = low + (1 - low) * np.clip(images, 0, 1)
    return (images * unit).astype("float32"), labels


def doctored(how: str = "", rows: int = 700) -> Table:
    """Five clouds in seven dimensions, as they are or `how` a slip left them.

    "torn": labels in another order than rows; "sorted": rows by class; "noisy": half of the labels drawn anew;
    "twice": every row three times, as after oversampling before the split.
    """
    random = np.random.default_rng(22)
    label = random.integers(0, 5, rows)
    x = random.normal(0, 1.3, (5, 7))[label] + random.normal(0, 0.8, (rows, 7))
    x = ((x - x.mean(0)) / x.std(0)).astype("float32")
    match how:
        case "torn":
            return x[random.permutation(rows)], label
        case "sorted":
            order = np.argsort(label, kind="stable")
            return x[order], label[order]
        case "noisy":
            drawn = random.random(rows) < 0.5
            return x, np.where(drawn, random.integers(0, 5, rows), label)
        case "twice":
            order = random.permutation(np.repeat(np.arange(rows), 3))
            return x[order], label[order]
    return x, label


def split_apart(together: bool = True, rows: int = 700) -> dict[str, Table]:
    """Flats split by hand, inputs standardized: by the training part's numbers, or validation left as it was."""
    x, y = flats(rows)
    x = x * np.array([25.0, 1.2, 20.0, 4.0, 2.0], "float32") + np.array([80.0, 3.0, 40.0, 6.0, 3.0], "float32")
    cut = int(0.75 * rows)
    mean, deviation = x[:cut].mean(0), x[:cut].std(0)
    validation = (x[cut:] - mean) / deviation if together else x[cut:]
    return {"train": ((x[:cut] - mean) / deviation, y[:cut]), "validation": (validation, y[cut:])}
