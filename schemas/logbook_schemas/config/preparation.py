"""What is done to the examples before the network sees them: scaling, balance of classes, augmentation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "Augmentation",
    "Balance",
    "Center",
    "Log",
    "MinMax",
    "NoBalance",
    "Noise",
    "Preparation",
    "ScaleBytes",
    "Scope",
    "Standardize",
    "TanhSquash",
    "TargetPreparation",
]

Scope = Literal["feature", "whole"]


class Standardize(Section):
    """Subtract the mean and divide by the standard deviation of the training split."""

    kind: Literal["standardize"] = "standardize"
    per: Scope = setting("feature", about="Statistics for each feature, or one for all.", source="S0-01")


class Center(Section):
    """Subtract the mean of the training split and leave the variance alone."""

    kind: Literal["center"] = "center"
    per: Scope = setting("feature", about="Statistics for each feature, or one for all.", source="S3-05")


class MinMax(Section):
    """Map the training split's range to `[low, high]`."""

    kind: Literal["min-max"] = "min-max"
    low: float = setting(0.0, about="Where the smallest value goes.")
    high: float = setting(1.0, about="Where the largest value goes.")
    per: Scope = setting("feature", about="The range of each feature, or one for all.")

    @model_validator(mode="after")
    def _has_a_range(self) -> MinMax:
        if self.high <= self.low:
            raise ValueError(f"high ({self.high:g}) must be above low ({self.low:g})")
        return self


class ScaleBytes(Section):
    """Map bytes, 0 to 255, to `[low, 1]`."""

    kind: Literal["scale-bytes"] = "scale-bytes"
    low: Literal[0, -1] = setting(0, about="0 maps to [0, 1], -1 maps to [-1, 1].", source="S0-04")


class TanhSquash(Section):
    """Squash a heavy tail with `tanh(x / c)`."""

    kind: Literal["tanh-squash"] = "tanh-squash"
    c: float = setting(about="The value at which squashing sets in.", gt=0, source="S2-12")


class Log(Section):
    """Take `sign(x) · log(1 + |x|)`, so that signs and zeros survive."""

    kind: Literal["log"] = "log"


Preparation = Annotated[
    Standardize | Center | MinMax | ScaleBytes | TanhSquash | Log, Field(discriminator="kind"), shorthand()
]


TargetPreparation = Annotated[Standardize | Center | MinMax | Log, Field(discriminator="kind"), shorthand()]


class NoBalance(Section):
    """Classes as they come."""

    kind: Literal["none"] = "none"


Balance = Annotated[NoBalance, shorthand()]


class Noise(Section):
    """Add Gaussian noise to each training input, anew in each epoch."""

    kind: Literal["noise"] = "noise"
    std: float = setting(0.1, about="Standard deviation of the noise, in prepared units.", gt=0)


Augmentation = Annotated[Noise, shorthand()]
