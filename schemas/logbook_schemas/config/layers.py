"""What stands between the weights of two layers: normalization, pooling, dropout; and how filters meet the edge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "AlphaDropout",
    "AveragePooling",
    "BatchNorm",
    "ChannelDropout",
    "CircularPadding",
    "DropoutForm",
    "GlobalAverage",
    "GlobalMax",
    "GlobalPooling",
    "GroupNorm",
    "LayerNorm",
    "MaxPooling",
    "NoGlobalPooling",
    "NoNormalization",
    "NoPadding",
    "NoPooling",
    "Normalization",
    "Padding",
    "Pooling",
    "ReflectPadding",
    "ReplicatePadding",
    "UnitDropout",
    "ZeroPadding",
]

Place = Literal["before-activation", "after-activation"]


class NoNormalization(Section):
    kind: Literal["none"] = "none"


class BatchNorm(Section):
    """Each unit or filter to mean 0 and deviation 1 over the batch; over running averages when not training."""

    kind: Literal["batch"] = "batch"
    momentum: float = setting(
        0.1, about="Share of the newest batch in the running averages.", gt=0, le=1, neutral=0.1, source="S3-15"
    )
    eps: float = setting(1e-5, about="Added to the variance.", gt=0, le=1, neutral=1e-5)
    place: Place = setting("before-activation", about="Where it stands.", neutral="before-activation")


class LayerNorm(Section):
    """Each example to mean 0 and deviation 1 over its units, or over its filters and pixels."""

    kind: Literal["layer"] = "layer"
    eps: float = setting(1e-5, about="Added to the variance.", gt=0, le=1, neutral=1e-5)
    place: Place = setting("before-activation", about="Where it stands.", neutral="before-activation")


class GroupNorm(Section):
    """Each example to mean 0 and deviation 1 over each group of its units or filters; the batch plays no part."""

    kind: Literal["group"] = "group"
    groups: int = setting(
        8, about="Groups of each layer; they must divide its units or filters.", ge=1, le=65_536, source="S3-15"
    )
    eps: float = setting(1e-5, about="Added to the variance.", gt=0, le=1)
    place: Place = setting("before-activation", about="Where it stands.")


Normalization = Annotated[NoNormalization | BatchNorm | LayerNorm | GroupNorm, Field(discriminator="kind"), shorthand()]


class UnitDropout(Section):
    """Each unit, or each pixel of a filter, by itself; the others are scaled up so that the mean stays."""

    kind: Literal["units"] = "units"


class ChannelDropout(Section):
    """Whole filters in the convolutional part; units in the fully connected part."""

    kind: Literal["channels"] = "channels"


class AlphaDropout(Section):
    """To the value that selu tends to far below zero, so that mean and variance stay: for self-normalizing networks."""

    kind: Literal["alpha"] = "alpha"


DropoutForm = Annotated[UnitDropout | ChannelDropout | AlphaDropout, Field(discriminator="kind"), shorthand()]


class NoPooling(Section):
    kind: Literal["none"] = "none"


class MaxPooling(Section):
    kind: Literal["max"] = "max"
    size: int = setting(2, about="Side of the window, and its stride.", ge=2, le=16, unit="pixels")
    stride: int | None = setting(
        None, about="Pixels between two windows where they overlap.", ge=1, le=16, unit="pixels", neutral=None
    )


class AveragePooling(Section):
    kind: Literal["average"] = "average"
    size: int = setting(2, about="Side of the window, and its stride.", ge=2, le=16, unit="pixels")
    stride: int | None = setting(
        None, about="Pixels between two windows where they overlap.", ge=1, le=16, unit="pixels", neutral=None
    )


Pooling = Annotated[NoPooling | MaxPooling | AveragePooling, Field(discriminator="kind"), shorthand()]


class NoGlobalPooling(Section):
    """Every pixel of every filter goes on."""

    kind: Literal["none"] = "none"


class GlobalAverage(Section):
    """The mean of each filter over all its pixels goes on."""

    kind: Literal["average"] = "average"


class GlobalMax(Section):
    """The largest pixel of each filter goes on."""

    kind: Literal["max"] = "max"


GlobalPooling = Annotated[NoGlobalPooling | GlobalAverage | GlobalMax, Field(discriminator="kind"), shorthand()]


class ZeroPadding(Section):
    """Zeros round the image, so that an odd kernel keeps its size and an even one takes a pixel off."""

    kind: Literal["zero"] = "zero"


class NoPadding(Section):
    """No pixel but the image's own: a kernel of k takes k - 1 off each side length."""

    kind: Literal["none"] = "none"


class ReflectPadding(Section):
    """As much as `zero`, with the image mirrored at its edge."""

    kind: Literal["reflect"] = "reflect"


class ReplicatePadding(Section):
    """As much as `zero`, with the pixels of the edge."""

    kind: Literal["replicate"] = "replicate"


class CircularPadding(Section):
    """As much as `zero`, with the pixels of the opposite edge."""

    kind: Literal["circular"] = "circular"


Padding = Annotated[
    ZeroPadding | NoPadding | ReflectPadding | ReplicatePadding | CircularPadding,
    Field(discriminator="kind"),
    shorthand(),
]
