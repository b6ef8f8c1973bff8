"""Arrays as they come in, and statistics over them that neither trip over a NaN nor need a second copy in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from logbook.errors import DataError

__all__ = [
    "Array",
    "ColumnStatistics",
    "as_array",
    "column_label",
    "column_statistics",
    "examples_of",
    "extra_of",
    "numbers_of",
    "row_chunks",
]

Array: TypeAlias = NDArray[Any]

_CHUNK_ENTRIES = 2_000_000
"""Entries worked on at once: 16 MB of float64, little enough to stay near the processor."""


def as_array(value: object, *, where: str) -> Array:
    """Return a NumPy array of what a person's code handed over: an array, a tensor, a list, a table.

    Raises DataError, which begins with `where`, for anything without a common type or shape.
    """
    tensor: Any = value
    if callable(getattr(tensor, "detach", None)):  # a tensor, told without importing torch here
        tensor = tensor.detach().cpu()
        value = tensor.float() if "bfloat16" in str(tensor.dtype) else tensor
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(f"{where} can't be read as an array: {error}") from error
    if array.dtype.kind == "O":
        array = _text_of(array, where)
    return array


def _text_of(array: Array, where: str) -> Array:
    """Turn an object array that holds nothing but text into an array of text, as tables hand over labels."""
    odd = next((value for value in array.reshape(-1)[:100_000] if not isinstance(value, str)), None)
    if array.ndim == 0 or odd is not None or array.size == 0:
        found = array.item() if array.ndim == 0 else odd
        raise DataError(f"{where} holds Python objects ({type(found).__name__}); expected an array of numbers")
    return array.astype(str)


def numbers_of(array: Array, *, where: str) -> Array:
    """Return the array if it holds real numbers. Raises DataError for text, dates and complex numbers."""
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where} is of type {array.dtype}; expected numbers")
    return array


def examples_of(inputs: Array, targets: Array, *, where: str) -> tuple[Array, Array]:
    """Return inputs [N, ...] and targets [N, ...] that belong together; inputs of shape [N] become [N, 1].

    Raises DataError for no rows, for lengths that differ, and for inputs that aren't numbers.
    """
    numbers_of(inputs, where=f"{where}: the array of inputs")
    for name, array in (("inputs", inputs), ("targets", targets)):
        if array.ndim == 0:
            raise DataError(f"{where}: {name} is a single value; expected an array, its first axis the examples")
    if len(inputs) != len(targets):
        raise DataError(f"{where}: {len(inputs)} inputs and {len(targets)} targets; expected one target an input")
    if inputs.size == 0:
        raise DataError(f"{where}: inputs of shape {inputs.shape} hold no values; expected at least one example")
    if targets.dtype.kind == "S":
        targets = np.char.decode(targets, "utf-8", "replace")
    return (inputs[:, None] if inputs.ndim == 1 else inputs), targets


def extra_of(arrays: Mapping[str, Array], count: int, *, where: str) -> dict[str, Array]:
    """Return columns that go beside `count` examples. Raises DataError where one isn't a value an example."""
    for name, array in arrays.items():
        if array.shape != (count,):
            raise DataError(f"{where}: '{name}' has shape {array.shape}; expected one value an example, ({count},)")
        if array.dtype.kind not in "biufUSM":
            raise DataError(f"{where}: '{name}' is of type {array.dtype}; expected numbers, text or dates")
    return {
        name: np.char.decode(one, "utf-8", "replace") if one.dtype.kind == "S" else one for name, one in arrays.items()
    }


def row_chunks(array: Array) -> Iterator[Array]:
    """Yield the rows in order, some at a time, as float64 in the array's own shape."""
    width = max(1, array.size // max(1, len(array)))
    step = max(1, _CHUNK_ENTRIES // width)
    for start in range(0, len(array), step):
        yield array[start : start + step].astype(np.float64)


def column_label(flat: int, shape: tuple[int, ...], columns: tuple[str, ...]) -> str:
    """Name a feature: its column, or its index in the shape of one example, such as `0,3,4`."""
    if flat < len(columns):
        return columns[flat]
    return ",".join(str(part) for part in np.unravel_index(flat, shape)) if shape else str(flat)


@dataclass(frozen=True)
class ColumnStatistics:
    """For each feature, flat: how many finite entries, and their mean, deviation (divisor N) and range, float64.

    A feature without a finite entry has 0 everywhere.
    """

    count: Array
    mean: Array
    std: Array
    low: Array
    high: Array

    def whole(self) -> ColumnStatistics:
        """Return the same over all features together, as arrays of one entry."""
        seen = self.count > 0
        total = max(1, int(self.count.sum()))
        weights = self.count / total
        with np.errstate(over="ignore", invalid="ignore"):
            mean = (weights * self.mean).sum()
            variance = (weights * (self.std**2 + (self.mean - mean) ** 2)).sum()
        low, high = (self.low[seen].min(), self.high[seen].max()) if seen.any() else (0.0, 0.0)
        parts = (self.count.sum(), mean, np.sqrt(variance), low, high)
        return ColumnStatistics(*(np.atleast_1d(np.asarray(part)) for part in parts))

    def at(self, features: Array) -> ColumnStatistics:
        """Return the statistics of some features."""
        return ColumnStatistics(*(part[features] for part in self._parts()))

    def pooled(self, groups: Sequence[Array]) -> ColumnStatistics:
        """Return the same with the features of each group taken together, each of them with the group's numbers."""
        parts = [part.copy() for part in self._parts()]
        for group in groups:
            for part, value in zip(parts, self.at(group).whole()._parts(), strict=True):
                part[group] = value
        return ColumnStatistics(*parts)

    def _parts(self) -> tuple[Array, ...]:
        return self.count, self.mean, self.std, self.low, self.high


def column_statistics(chunks: Callable[[], Iterator[Array]]) -> ColumnStatistics:
    """Return the statistics of each feature over what `chunks()` yields, NaN and infinities left out.

    `chunks` is called twice: deviations are taken from the mean, since sums of squares cancel.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        count, total, low, high = _first_pass(chunks())
        filled = np.maximum(count, 1)
        mean = total / filled
        squares = sum((_finite(chunk - mean, 0.0) ** 2).sum(axis=0) for chunk in map(_flat, chunks()))
        # Rounding leaves a constant column a deviation of some 1e-17; it is 0.
        std = np.where(low == high, 0.0, np.sqrt(squares / filled))
    empty = count == 0
    low, high = np.where(empty, 0.0, low), np.where(empty, 0.0, high)
    return ColumnStatistics(count, np.where(low == high, low, mean), std, low, high)


def _first_pass(chunks: Iterator[Array]) -> tuple[Array, Array, Array, Array]:
    count: Any = 0
    total: Any = 0.0
    low: Any = np.inf
    high: Any = -np.inf
    for chunk in map(_flat, chunks):
        is_finite = np.isfinite(chunk)
        whole = bool(is_finite.all())
        count = count + (len(chunk) if whole else is_finite.sum(axis=0))
        total = total + (chunk if whole else np.where(is_finite, chunk, 0.0)).sum(axis=0)
        low = np.minimum(low, (chunk if whole else np.where(is_finite, chunk, np.inf)).min(axis=0))
        high = np.maximum(high, (chunk if whole else np.where(is_finite, chunk, -np.inf)).max(axis=0))
    return np.broadcast_to(np.asarray(count), np.shape(total)), total, low, high


def _flat(chunk: Array) -> Array:
    return chunk.reshape(len(chunk), -1)


def _finite(chunk: Array, filler: float) -> Array:
    is_finite = np.isfinite(chunk)
    return chunk if is_finite.all() else np.where(is_finite, chunk, filler)
