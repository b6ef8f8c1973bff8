"""What stands between the weights of two layers: normalization and pooling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "AveragePooling",
    "BatchNorm",
    "LayerNorm",
    "MaxPooling",
    "NoNormalization",
    "NoPooling",
    "Normalization",
    "Pooling",
]


class NoNormalization(Section):
    kind: Literal["none"] = "none"


class BatchNorm(Section):
    kind: Literal["batch"] = "batch"


class LayerNorm(Section):
    kind: Literal["layer"] = "layer"


Normalization = Annotated[NoNormalization | BatchNorm | LayerNorm, Field(discriminator="kind"), shorthand()]


class NoPooling(Section):
    kind: Literal["none"] = "none"


class MaxPooling(Section):
    kind: Literal["max"] = "max"
    size: int = setting(2, about="Side of the window, and its stride.", ge=2, le=16, unit="pixels")


class AveragePooling(Section):
    kind: Literal["average"] = "average"
    size: int = setting(2, about="Side of the window, and its stride.", ge=2, le=16, unit="pixels")


Pooling = Annotated[NoPooling | MaxPooling | AveragePooling, Field(discriminator="kind"), shorthand()]
