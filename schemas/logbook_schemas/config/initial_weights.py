"""How the weights of a network start."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "DefaultInit",
    "He",
    "Init",
    "Lecun",
    "Normal",
    "Orthogonal",
    "Uniform",
    "VarianceScaling",
    "Xavier",
    "Zeros",
]


class DefaultInit(Section):
    """PyTorch's own initial weights."""

    kind: Literal["default"] = "default"


class He(Section):
    """Variance 2 / fan-in (Kaiming), for relu and its relatives."""

    kind: Literal["he"] = "he"
    distribution: Literal["normal", "uniform"] = setting("normal", about="Shape of the distribution.")


class Xavier(Section):
    """Variance 2 / (fan-in + fan-out) (Glorot), for tanh and sigmoid."""

    kind: Literal["xavier"] = "xavier"
    distribution: Literal["normal", "uniform"] = setting("uniform", about="Shape of the distribution.")


class Lecun(Section):
    """Variance 1 / fan-in, for selu."""

    kind: Literal["lecun"] = "lecun"
    distribution: Literal["normal", "uniform"] = setting("normal", about="Shape of the distribution.")


class VarianceScaling(Section):
    """Variance `scale` / fan."""

    kind: Literal["variance-scaling"] = "variance-scaling"
    scale: float = setting(1.0, about="Numerator of the variance.", gt=0)
    mode: Literal["fan-in", "fan-out", "fan-average"] = setting("fan-in", about="Denominator of the variance.")
    distribution: Literal["normal", "uniform"] = setting("normal", about="Shape of the distribution.")


class Orthogonal(Section):
    kind: Literal["orthogonal"] = "orthogonal"
    gain: float = setting(1.0, about="Factor on the orthogonal matrix.", gt=0)


class Normal(Section):
    kind: Literal["normal"] = "normal"
    std: float = setting(0.01, about="Standard deviation of every weight.", ge=0, source="S3-13")


class Uniform(Section):
    kind: Literal["uniform"] = "uniform"
    bound: float = setting(0.05, about="Weights lie within ± this bound.", ge=0)


class Zeros(Section):
    kind: Literal["zeros"] = "zeros"


Init = Annotated[
    DefaultInit | He | Xavier | Lecun | VarianceScaling | Orthogonal | Normal | Uniform | Zeros,
    Field(discriminator="kind"),
    shorthand(),
]
