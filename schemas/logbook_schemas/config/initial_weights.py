"""How the weights of a network start."""

from __future__ import annotations

from math import exp, pi, sqrt
from statistics import NormalDist
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, Section, kind_of, setting, shorthand

__all__ = [
    "CheckpointInit",
    "DefaultInit",
    "Distribution",
    "He",
    "Init",
    "Lecun",
    "Normal",
    "Orthogonal",
    "Scheme",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "Xavier",
    "Zeros",
    "init_for",
    "maxout_scale",
]

Distribution = Literal["normal", "truncated-normal", "uniform"]
"""All have the variance that their scheme asks for; a truncated normal has no weight beyond two deviations of the
normal that it is cut from."""


class DefaultInit(Section):
    """PyTorch's own initial weights."""

    kind: Literal["default"] = "default"


class He(Section):
    """Variance 2 / ((1 + slope²) fan-in) (Kaiming), for relu and its relatives."""

    kind: Literal["he"] = "he"
    distribution: Distribution = setting("normal", about="Shape of the distribution.", source="S2-07")
    slope: float = setting(
        0.0,
        about="Slope of the activation below zero.",
        follows="that of leaky-relu, the initial one of prelu, else 0",
        ge=0,
        neutral=0.0,
        source="S0-48",
    )


class Xavier(Section):
    """Variance 2 / (fan-in + fan-out) (Glorot), for tanh and sigmoid."""

    kind: Literal["xavier"] = "xavier"
    distribution: Distribution = setting("uniform", about="Shape of the distribution.")


class Lecun(Section):
    """Variance 1 / fan-in, for selu."""

    kind: Literal["lecun"] = "lecun"
    distribution: Distribution = setting("normal", about="Shape of the distribution.")


class VarianceScaling(Section):
    """Variance `scale` / fan."""

    kind: Literal["variance-scaling"] = "variance-scaling"
    scale: float = setting(1.0, about="Numerator of the variance.", gt=0)
    mode: Literal["fan-in", "fan-out", "fan-average"] = setting("fan-in", about="Denominator of the variance.")
    distribution: Distribution = setting("normal", about="Shape of the distribution.")


class Orthogonal(Section):
    kind: Literal["orthogonal"] = "orthogonal"
    gain: float = setting(1.0, about="Factor on the orthogonal matrix.", gt=0)


class Normal(Section):
    kind: Literal["normal"] = "normal"
    std: float = setting(0.01, about="Standard deviation of every weight.", ge=0, source="S3-13")


class TruncatedNormal(Section):
    """A normal distribution cut off at two deviations; what is left deviates by 0.88 of `std`."""

    kind: Literal["truncated-normal"] = "truncated-normal"
    std: float = setting(0.01, about="Standard deviation before the cut.", gt=0, source="S2-07")


class Uniform(Section):
    kind: Literal["uniform"] = "uniform"
    bound: float = setting(0.05, about="Weights lie within ± this bound.", ge=0)


class Zeros(Section):
    kind: Literal["zeros"] = "zeros"


_Scheme = DefaultInit | He | Xavier | Lecun | VarianceScaling | Orthogonal | Normal | TruncatedNormal | Uniform | Zeros

Scheme = Annotated[_Scheme, Field(discriminator="kind"), shorthand()]
"""How weights are drawn."""


class CheckpointInit(Section):
    """Weights of a checkpoint, of an earlier run or of a file: all of them, or those of some layers."""

    kind: Literal["checkpoint"] = "checkpoint"
    run: str | None = setting(None, about="The run: r12, its two words, or its UUID.", min_length=1, max_length=100)
    path: str | None = setting(
        None,
        about="Or a file, from the config's folder: a checkpoint of logbook, or a state_dict as torch.save writes it.",
        min_length=1,
        max_length=4096,
    )
    which: Literal["best", "last"] = setting("best", about="Which checkpoint of the run.")
    layers: Many[str] | None = setting(
        None,
        about="The layers to take, by name or pattern (hidden.*); null takes every weight of the network.",
        min_length=1,
    )
    rest: Scheme | None = setting(
        None,
        about="Initial weights of the layers that are not taken; null leaves PyTorch's own.",
        follows="where layers are named, as the activation has it",
    )

    @model_validator(mode="after")
    def _says_where_from(self) -> CheckpointInit:
        if (self.run is None) == (self.path is None):
            found = "neither" if self.run is None else "both"
            raise ValueError(f"a checkpoint is that of a run or a file; give run or path, found {found}")
        if self.rest is not None and self.layers is None:
            raise ValueError("rest is for layers that are not taken, but layers is null: every one is taken")
        return self


Init = Annotated[_Scheme | CheckpointInit, Field(discriminator="kind"), shorthand()]


_SCHEMES = {"selu": "lecun", "tanh": "xavier", "sigmoid": "xavier", "none": "xavier", "softplus": "xavier"}
"""The scheme whose variance suits an activation; relu and its relatives take he (S1-08, S4-47)."""


def init_for(activation: object, init: object = None) -> object:
    """Return the initial weights of layers with an activation, both as the config has them, or `init` as it is.

    Where no scheme is asked for, it is the one that suits the activation; where he is asked for without a slope, it
    takes the activation's. Malformed values are left for validation to name.
    """
    kind = kind_of(activation) or "relu"
    if init is None:
        if kind == "maxout":
            pieces = _number(activation, "pieces", 2)
            return {"kind": "variance-scaling", "scale": maxout_scale(int(pieces)) if 2 <= pieces <= 64 else 1.0}
        init = {"kind": _SCHEMES.get(kind, "he")}
    if init == "he" or (isinstance(init, dict) and init.get("kind") == "he" and "slope" not in init):
        slope = _slope(kind, activation)
        return {**(init if isinstance(init, dict) else {"kind": "he"}), **({"slope": slope} if slope else {})}
    if isinstance(init, dict) and init.get("kind") == "checkpoint" and init.get("layers") is not None:
        return {**init, "rest": init_for(activation, init.get("rest"))}
    return init


def _slope(kind: str, activation: object) -> float:
    if kind == "leaky-relu":
        return _number(activation, "slope", 0.01)
    return _number(activation, "initial", 0.25) if kind == "prelu" else 0.0


def _number(section: object, key: str, default: float) -> float:
    found: Any = section.get(key, default) if isinstance(section, dict) else getattr(section, key, default)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else default


def maxout_scale(pieces: int) -> float:
    """Return c of the variance c / fan-in at which a maxout layer keeps the mean square of what runs through it.

    It is 1 / E[max(z₁, …, z_k)²] of k standard normal numbers: 1 for two pieces, 0.5556 for five (Tseran and
    Montúfar 2023). Integrated by the trapezoidal rule, to six digits.
    """
    normal, steps, width = NormalDist(), 2000, 20.0
    grid = [-width / 2 + width * step / steps for step in range(steps + 1)]
    density = [pieces * normal.cdf(z) ** (pieces - 1) * exp(-z * z / 2) / sqrt(2 * pi) for z in grid]
    return round(1 / sum(z * z * p * width / steps for z, p in zip(grid, density, strict=True)), 6)
