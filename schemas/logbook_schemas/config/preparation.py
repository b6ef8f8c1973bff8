"""What is done to inputs and targets before the network sees them, fitted on the training split alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, Section, setting, shorthand

__all__ = [
    "Center",
    "Clip",
    "ClipQuantiles",
    "Column",
    "Log",
    "MinMax",
    "OneHot",
    "Preparation",
    "Quantile",
    "ScaleBytes",
    "Scope",
    "Standardize",
    "TanhSquash",
    "TargetPreparation",
    "Whiten",
]

Scope = Literal["feature", "channel", "whole"]
_PER = "Statistics for each feature (each pixel of an image), each channel of images, or one for all."

Column = Annotated[str, Field(min_length=1, max_length=300)] | Annotated[int, Field(ge=0, le=10_000_000)]
"""A column by its name or its number from 0; `"4:10"`, where no column is called so, is columns 4 to 9."""


class _Step(Section):
    columns: Many[Column] | None = setting(
        None,
        about="The features to which the step applies, by name, number from 0, or range such as 4:10 (up to 9); the"
        " others are left alone. null is all.",
        source="S0-07",
        neutral=None,
    )


class _Fitted(_Step):
    """A step with statistics: they may be of each feature, of groups of features, or of all together."""

    groups: Many[Many[Column]] | None = setting(
        None,
        about="Features that share their statistics, as lists of columns; those in no group have their own.",
        source="S0-07",
        neutral=None,
    )

    @model_validator(mode="after")
    def _groups_are_of_features(self) -> _Fitted:
        per = getattr(self, "per", "feature")
        if self.groups is not None and per != "feature":
            raise ValueError(f"groups share statistics, and per '{per}' leaves no features to group; set one of them")
        return self


class Standardize(_Fitted):
    """Subtract the mean and divide by the standard deviation of the training split."""

    kind: Literal["standardize"] = "standardize"
    per: Scope = setting("feature", about=_PER, source="S0-01")


class Center(_Fitted):
    """Subtract the mean of the training split and leave the variance alone."""

    kind: Literal["center"] = "center"
    per: Scope = setting("feature", about=_PER, source="S3-05")


class MinMax(_Fitted):
    """Map the training split's range to `[low, high]`."""

    kind: Literal["min-max"] = "min-max"
    low: float = setting(0.0, about="Where the smallest value goes.")
    high: float = setting(1.0, about="Where the largest value goes.")
    per: Scope = setting("feature", about=_PER)

    @model_validator(mode="after")
    def _has_a_range(self) -> MinMax:
        if self.high <= self.low:
            raise ValueError(f"high ({self.high:g}) must be above low ({self.low:g})")
        return self


class ScaleBytes(_Step):
    """Map bytes, 0 to 255, to `[low, 1]`."""

    kind: Literal["scale-bytes"] = "scale-bytes"
    low: Literal[0, -1] = setting(0, about="0 maps to [0, 1], -1 maps to [-1, 1].", source="S0-04")


class TanhSquash(_Step):
    """Squash a heavy tail with `tanh(x / c)`."""

    kind: Literal["tanh-squash"] = "tanh-squash"
    c: float = setting(about="The value at which squashing sets in.", gt=0, source="S2-12")


class Log(_Step):
    """Take `sign(x) · log(1 + |x|)`, so that signs and zeros survive."""

    kind: Literal["log"] = "log"


class Clip(_Step):
    """Move what lies outside a range to its edge."""

    kind: Literal["clip"] = "clip"
    low: float | None = setting(None, about="Smallest value that passes; null for no bound.", source="S0-33")
    high: float | None = setting(None, about="Largest value that passes; null for no bound.", source="S0-33")

    @model_validator(mode="after")
    def _has_a_range(self) -> Clip:
        if self.low is None and self.high is None:
            raise ValueError("clips nothing; set low, high, or both")
        if self.low is not None and self.high is not None and self.high <= self.low:
            raise ValueError(f"high ({self.high:g}) must be above low ({self.low:g})")
        return self


class ClipQuantiles(_Step):
    """Move what lies outside two quantiles of a feature's training values to these."""

    kind: Literal["clip-quantiles"] = "clip-quantiles"
    low: float = setting(0.005, about="Share of the training values below the range.", ge=0, lt=0.5, source="S0-33")
    high: float = setting(0.995, about="Share of the training values up to its end.", gt=0.5, le=1, source="S0-33")


class Quantile(_Step):
    """Replace a value by the share of its feature's training values that lie below it: a number from 0 to 1."""

    kind: Literal["quantile"] = "quantile"
    points: int = setting(1000, about="Quantiles kept; in between, a straight line.", ge=2, le=10_000, source="S2-12")


class Whiten(_Step):
    """Rotate the features so that they are uncorrelated in the training split, each of variance 1."""

    kind: Literal["whiten"] = "whiten"
    method: Literal["zca", "pca"] = setting(
        "zca",
        about="zca turns back after scaling, so that images stay images; pca gives components, the widest first.",
        source="S3-06",
    )
    components: int | None = setting(None, about="Components kept under pca; null keeps all.", ge=1)
    epsilon: float = setting(1e-5, about="Added to each variance, as a share of the largest.", gt=0, le=1)

    @model_validator(mode="after")
    def _components_are_of_pca(self) -> Whiten:
        if self.components is not None and self.method != "pca":
            raise ValueError(f"components are kept under method 'pca' alone; method is '{self.method}'")
        if self.components is not None and self.columns is not None:
            raise ValueError("components are kept of all features; columns leaves some alone: set one of them")
        return self


class OneHot(_Step):
    """Replace a column of whole numbers by one column for each value that it has in the training split, 0 or 1.

    A value that the training split lacks, and a missing one, is 0 in all of them.
    """

    kind: Literal["one-hot"] = "one-hot"
    columns: Many[Column] | None = setting(
        None,
        about="The columns to replace; null takes those that the source knows to be categories.",
        source="S1-04",
        neutral=None,
    )


Preparation = Annotated[
    Standardize | Center | MinMax | ScaleBytes | TanhSquash | Log | Clip | ClipQuantiles | Quantile | Whiten | OneHot,
    Field(discriminator="kind"),
    shorthand(),
]


TargetPreparation = Annotated[Standardize | Center | MinMax | Log, Field(discriminator="kind"), shorthand()]
