"""Fitted steps of preparation: numbers that JSON can keep, and what they do to examples [N, …] of float64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from logbook.training.data.arrays import Array

__all__ = ["Affine", "Clipped", "Log", "OnColumns", "OneHot", "Ranks", "Squash", "Step", "Whitening", "step_from"]


class Step(Protocol):
    """One fitted step."""

    @property
    def kind(self) -> str: ...

    def apply(self, x: Array) -> Array:
        """Return examples [N, …] prepared."""

    def undo(self, x: Any) -> Any:
        """Return prepared values, an array or a tensor [N, K], as they were; for steps that targets may have."""

    def statistics(self) -> dict[str, Any]:
        """Return what was fitted, as JSON has it."""


class _InputsOnly:
    kind: str

    def undo(self, x: Any) -> Any:
        raise NotImplementedError(f"{self.kind} is for inputs, which are never unscaled")


@dataclass(frozen=True)
class Affine:
    """`(x - shift) / scale`; both have the shape of one example, [C, 1, 1] for channels, or none at all."""

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

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> Affine:
        return cls(kept["kind"], _float64(kept["shift"]), _float64(kept["scale"]))


@dataclass(frozen=True)
class Squash(_InputsOnly):
    """`tanh(x / c)`: a prediction beyond ±1 would have no original value."""

    c: float
    kind: str = "tanh-squash"

    def apply(self, x: Array) -> Array:
        return np.tanh(x / self.c)

    def statistics(self) -> dict[str, Any]:
        return {"kind": self.kind, "c": self.c}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> Squash:
        return cls(float(kept["c"]))


@dataclass(frozen=True)
class Log:
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

    @classmethod
    def from_statistics(cls, _: Mapping[str, Any]) -> Log:
        return cls()


@dataclass(frozen=True)
class Clipped(_InputsOnly):
    """`low` and `high` have the shape of one example, or none at all; infinite where there is no bound."""

    kind: str
    low: Array
    high: Array

    def apply(self, x: Array) -> Array:
        return np.clip(x, self.low, self.high)

    def statistics(self) -> dict[str, Any]:
        bounds = {"low": self.low, "high": self.high}
        # JSON has no infinity: what isn't bounded is null.
        known = {name: None if np.isinf(bound).any() else bound.tolist() for name, bound in bounds.items()}
        return {"kind": self.kind, **known}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> Clipped:
        return cls(kept["kind"], *(_float64(end if kept[name] is None else kept[name]) for name, end in _OPEN_ENDS))


@dataclass(frozen=True)
class Ranks(_InputsOnly):
    """`quantiles` [P, F]: the share of a feature's training values below a value, those that equal it by half."""

    quantiles: Array
    kind: str = "quantile"

    def apply(self, x: Array) -> Array:
        flat = x.reshape(len(x), -1)
        shares = np.linspace(0, 1, len(self.quantiles))
        ranks = np.empty_like(flat)
        for place, knots in enumerate(self.quantiles.T):
            # A value that fills several knots is anywhere between them: the middle, from below and from above.
            below = np.interp(flat[:, place], knots, shares)
            above = -np.interp(-flat[:, place], -knots[::-1], -shares[::-1])
            ranks[:, place] = (below + above) / 2
        return ranks.reshape(x.shape)

    def statistics(self) -> dict[str, Any]:
        return {"kind": self.kind, "quantiles": self.quantiles.tolist()}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> Ranks:
        return cls(_float64(kept["quantiles"]))


@dataclass(frozen=True)
class Whitening(_InputsOnly):
    """`(x - mean) @ matrix`, with mean [F] and matrix [F, K]; in the old shape where it `keeps_shape`."""

    mean: Array
    matrix: Array
    keeps_shape: bool
    kind: str = "whiten"

    def apply(self, x: Array) -> Array:
        rotated = (x.reshape(len(x), -1) - self.mean) @ self.matrix
        return rotated.reshape(x.shape) if self.keeps_shape else rotated

    def statistics(self) -> dict[str, Any]:
        fitted = {"mean": self.mean.tolist(), "matrix": self.matrix.tolist(), "keeps_shape": self.keeps_shape}
        return {"kind": self.kind, **fitted}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> Whitening:
        return cls(_float64(kept["mean"]), _float64(kept["matrix"]), bool(kept["keeps_shape"]))


@dataclass(frozen=True)
class OneHot(_InputsOnly):
    """`values` holds, by column, the values that the training split has, in ascending order."""

    values: dict[int, Array]
    kind: str = "one-hot"

    def apply(self, x: Array) -> Array:
        return np.concatenate([self._block(x, place) for place in range(x.shape[1])], axis=1)

    def _block(self, x: Array, place: int) -> Array:
        column = x[:, [place]]
        return (column == self.values[place]).astype(x.dtype) if place in self.values else column

    def unknown(self, x: Array) -> dict[int, int]:
        """Return, by column, how many rows of [N, F] hold a value that the training split lacks."""
        counts = {place: int((~np.isin(x[:, place], known)).sum()) for place, known in self.values.items()}
        return {place: count for place, count in counts.items() if count}

    def statistics(self) -> dict[str, Any]:
        return {"kind": self.kind, "values": {str(place): known.tolist() for place, known in self.values.items()}}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> OneHot:
        return cls({int(place): _float64(known) for place, known in kept["values"].items()})


@dataclass(frozen=True)
class OnColumns:
    """A step on some columns of rows [N, F]; the others are left alone."""

    columns: Array
    step: Step

    @property
    def kind(self) -> str:
        return self.step.kind

    def apply(self, x: Array) -> Array:
        changed = x.copy()
        changed[:, self.columns] = self.step.apply(x[:, self.columns])
        return changed

    def undo(self, x: Any) -> Any:
        changed = x.clone() if isinstance(x, Tensor) else x.copy()
        columns = torch.as_tensor(self.columns, device=x.device) if isinstance(x, Tensor) else self.columns
        changed[:, columns] = self.step.undo(x[:, columns])
        return changed

    def statistics(self) -> dict[str, Any]:
        return {**self.step.statistics(), "columns": self.columns.tolist()}

    @classmethod
    def from_statistics(cls, kept: Mapping[str, Any]) -> OnColumns:
        step = {name: value for name, value in kept.items() if name != "columns"}
        return cls(np.array(kept["columns"], dtype=np.int64), step_from(step))


def step_from(kept: Mapping[str, Any]) -> Step:
    """Return the fitted step whose `statistics` these are; it does the same, bit for bit."""
    return (OnColumns if "columns" in kept else _FITTED[kept["kind"]]).from_statistics(kept)


_OPEN_ENDS = (("low", -np.inf), ("high", np.inf))

_FITTED: Mapping[str, type[Affine | Squash | Log | Clipped | Ranks | Whitening | OneHot]] = {
    "standardize": Affine,
    "center": Affine,
    "min-max": Affine,
    "scale-bytes": Affine,
    "tanh-squash": Squash,
    "log": Log,
    "clip": Clipped,
    "clip-quantiles": Clipped,
    "quantile": Ranks,
    "whiten": Whitening,
    "one-hot": OneHot,
}
"""What a fitted step of each kind of the config is."""


def _float64(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64)
