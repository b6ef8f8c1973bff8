"""Preparation: statistics fitted on the training split alone, applied to every split, undone for predictions.

A fitted step is either affine, `(x - shift) / scale`, or a fixed function; so a step is numbers that JSON can keep.
Statistics are float64 and leave NaN and infinities out; prepared data keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
import torch
from torch import Tensor

from logbook.errors import DataError
from logbook.training.data.arrays import Array, ColumnStatistics, column_label, column_statistics, row_chunks
from logbook_schemas.config.preparation import Center, Log, MinMax, Preparation, ScaleBytes, Standardize, TanhSquash

__all__ = ["Scaling", "fit_scaling"]


@dataclass(frozen=True)
class _Affine:
    """`(x - shift) / scale`; both have the shape of one example, or none at all."""

    kind: str
    shift: Array
    scale: Array

    def apply(self, x: Array) -> Array:
        return (x - self.shift) / self.scale

    def undo(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            scale = torch.as_tensor(self.scale, dtype=x.dtype, device=x.device)
            return x * scale + torch.as_tensor(self.shift, dtype=x.dtype, device=x.device)
        return x * self.scale + self.shift

    def statistics(self) -> dict[str, Any]:
        return {"kind": self.kind, "shift": self.shift.tolist(), "scale": self.scale.tolist()}


@dataclass(frozen=True)
class _Squash:
    """`tanh(x / c)`, for inputs only: a prediction beyond ±1 would have no original value."""

    c: float
    kind: str = "tanh-squash"

    def apply(self, x: Array) -> Array:
        return np.tanh(x / self.c)

    def undo(self, x: Any) -> Any:
        raise NotImplementedError("tanh-squash is for inputs, which are never unscaled")

    def statistics(self) -> dict[str, Any]:
        return {"kind": self.kind, "c": self.c}


@dataclass(frozen=True)
class _Log:
    """`sign(x) · log(1 + |x|)`."""

    kind: str = "log"

    def apply(self, x: Array) -> Array:
        return np.sign(x) * np.log1p(np.abs(x))

    def undo(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            return x.sign() * torch.expm1(x.abs())
        return np.sign(x) * np.expm1(np.abs(x))

    def statistics(self) -> dict[str, Any]:
        return {"kind": self.kind}


_Step = _Affine | _Squash | _Log


@dataclass(frozen=True)
class Scaling:
    """Fitted steps of preparation, in order; without steps everything passes as it is."""

    steps: tuple[_Step, ...] = ()

    def apply(self, raw: Array) -> Array:
        """Return what the network sees, float32, in the shape of `raw` [N, ...]; computed in float64."""
        if not self.steps:
            return _as_float32(raw)
        prepared = np.empty(raw.shape, dtype=np.float32)
        start = 0
        with np.errstate(over="ignore", invalid="ignore"):
            for chunk in row_chunks(raw):
                prepared[start : start + len(chunk)] = _run(self.steps, chunk)
                start += len(chunk)
        return prepared

    def unscale(self, values: Tensor) -> Tensor:
        """Return targets or predictions [N, K] in original units, in the tensor's own type and on its device."""
        if not self.steps:
            return values
        # A large offset eats float32's digits on the way; mps has no float64.
        wide = values if values.device.type == "mps" else values.double()
        for step in reversed(self.steps):
            wide = step.undo(wide)
        return wide.to(values.dtype)

    def statistics(self) -> list[dict[str, Any]]:
        """Return the fitted steps as JSON has them, in order."""
        return [step.statistics() for step in self.steps]


def fit_scaling(steps: Sequence[Preparation], train: Array, *, columns: tuple[str, ...] = (), name: str) -> Scaling:
    """Fit steps to the training rows [N, ...], each on what the ones before it leave.

    Raises DataError for numbers so large that their deviation is none; `name` is inputs or targets.
    """
    fitted: tuple[_Step, ...] = ()
    for step in steps:
        before = fitted

        def chunks(before: tuple[_Step, ...] = before) -> Iterator[Array]:
            return (_run(before, chunk) for chunk in row_chunks(train))

        fitted = (*fitted, _fit(step, chunks, train.shape[1:], f"data.{name}: {step.kind}", columns))
    return Scaling(fitted)


def _run(steps: Sequence[_Step], chunk: Array) -> Array:
    for step in steps:
        chunk = step.apply(chunk)
    return chunk


def _as_float32(raw: Array) -> Array:
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(raw, dtype=np.float32)
    return values if values.flags.writeable else values.copy()


def _fit(
    step: Preparation,
    chunks: Callable[[], Iterator[Array]],
    shape: tuple[int, ...],
    where: str,
    columns: tuple[str, ...],
) -> _Step:
    match step:
        case ScaleBytes():
            is_unit = step.low == 0
            shift, scale = (0.0, 255.0) if is_unit else (127.5, 127.5)
            return _Affine(step.kind, np.asarray(shift), np.asarray(scale))
        case TanhSquash():
            return _Squash(step.c)
        case Log():
            return _Log()
        case Standardize() | Center() | MinMax():
            statistics = column_statistics(chunks)
            if step.per == "whole":
                statistics, shape = statistics.whole(), ()
            return _affine(step, statistics, shape, where, columns)
        case _:
            assert_never(step)


def _affine(
    step: Standardize | Center | MinMax,
    statistics: ColumnStatistics,
    shape: tuple[int, ...],
    where: str,
    columns: tuple[str, ...],
) -> _Affine:
    """Return the fitted step. A feature that never changes is divided by 1: 0 would make it NaN."""
    one = np.ones_like(statistics.std)
    if isinstance(step, MinMax):
        width = (statistics.high - statistics.low) / (step.high - step.low)
        scale = np.where(width > 0, width, one)
        shift = statistics.low - step.low * scale
    else:
        shift = statistics.mean
        is_centred_only = isinstance(step, Center)
        scale = one if is_centred_only else np.where(statistics.std > 0, statistics.std, one)
    broken = ~(np.isfinite(shift) & np.isfinite(scale))
    if broken.any():
        feature = column_label(int(np.argmax(broken)), shape, columns)
        raise DataError(f"{where}: the numbers of feature {feature} are too large for a mean and a deviation")
    return _Affine(step.kind, shift.reshape(shape), scale.reshape(shape))
