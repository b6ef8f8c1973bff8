"""The digits as people load them by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

__all__ = ["digits"]

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]


def digits(
    rows: int = 700,
    divide_by: float = 16.0,
    square: bool = False,
    odd: bool = False,
    one_hot: bool = False,
) -> tuple[NDArray[np.float32], NDArray[np.int64 | np.float32]]:
    """Return pixels over `divide_by` `[N, 64]`, or `[N, 1, 8, 8]`, and the digit; `odd` asks for odd or even."""
    images, labels = load_digits(return_X_y=True)
    x = (images[:rows] / divide_by).astype(np.float32)
    y = labels[:rows].astype(np.int64)
    if odd:
        y = y % 2
    if one_hot:
        return x, np.eye(10, dtype=np.float32)[y]
    return (x.reshape(-1, 1, 8, 8) if square else x), y


def bytes_of_digits(rows: int = 700, scaled: bool = True) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the digits as a camera gives them, 0 to 255; `scaled` brings them to -1 to 1."""
    x, y = digits(rows, divide_by=16 / 255)
    return (x / 127.5 - 1 if scaled else np.round(x)).astype(np.float32), y


def split_digits(
    rows: int = 900, leak: float = 0.0, validation_factor: float = 1.0, noise: float = 0.0, contradicted: float = 0.0
) -> dict[str, Pair]:
    """Return digits already split. `leak` is the share of the validation rows that are put into training, too.

    `validation_factor` multiplies the validation pixels only; `noise` is added to the training pixels only. A share
    of `contradicted` training rows stands there again, with another label.
    """
    x, y = digits(rows)
    train_x, val_x, train_y, val_y = train_test_split(x, y, test_size=0.25, random_state=0, stratify=y)
    if leak:
        count = int(leak * len(val_y))
        train_x = np.concatenate([train_x, val_x[:count]])
        train_y = np.concatenate([train_y, val_y[:count]])
    if contradicted:
        count = int(contradicted * len(train_y))
        train_x = np.concatenate([train_x, train_x[:count]])
        train_y = np.concatenate([train_y, (train_y[:count] + 1) % 10])
    if noise:
        train_x = train_x + np.random.default_rng(0).normal(0, noise, train_x.shape).astype(np.float32)
    return {"train": (train_x, train_y), "validation": (val_x * np.float32(validation_factor), val_y)}


def copied_digits(rows: int = 300, copies: int = 4, split_first: bool = True) -> dict[str, Pair]:
    """Return noisy copies of each digit, made after the split or, wrongly, before it."""
    x, y = digits(rows)
    draw = np.random.default_rng(0)

    def augmented(x: NDArray[np.float32], y: NDArray[np.int64]) -> Pair:
        many = np.repeat(x, copies, axis=0)
        return (many + draw.normal(0, 0.01, many.shape)).astype(np.float32), np.repeat(y, copies)

    if split_first:
        train_x, val_x, train_y, val_y = train_test_split(x, y, test_size=0.25, random_state=0)
        return {"train": augmented(train_x, train_y), "validation": (val_x, val_y)}
    x, y = augmented(x, y)
    train_x, val_x, train_y, val_y = train_test_split(x, y, test_size=0.25, random_state=0)
    return {"train": (train_x, train_y), "validation": (val_x, val_y)}


def corrupted_digits(
    rows: int = 700, shuffled: bool = False, wrong: float = 0.0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return digits whose labels are shuffled, or wrong by a share."""
    x, y = digits(rows)
    draw = np.random.default_rng(1)
    if shuffled:
        y = draw.permutation(y)
    if wrong:
        hit = draw.random(len(y)) < wrong
        y = np.where(hit, (y + draw.integers(1, 10, len(y))) % 10, y)
    return x, y.astype(np.int64)


def sorted_digits(rows: int = 900, shuffled: bool = True) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return digits as they lie in a folder for each class, one after the other, or shuffled."""
    x, y = digits(rows)
    order = np.random.default_rng(0).permutation(len(y)) if shuffled else np.argsort(y, kind="stable")
    return x[order], y[order]


def digits_without(rows: int = 900, held_back: int | None = None, only: int | None = None) -> dict[str, Pair]:
    """Return split digits; one digit may be in no training row, or be the only one in there."""
    pairs = split_digits(rows)
    if held_back is not None:
        x, y = pairs["train"]
        pairs["train"] = (x[y != held_back], y[y != held_back])
    if only is not None:
        x, y = pairs["train"]
        pairs["train"] = (x[y == only], y[y == only])
    return pairs
