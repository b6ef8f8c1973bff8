"""Activations of hidden layers and of the output."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "Activation",
    "Elu",
    "Gelu",
    "LeakyRelu",
    "LogSoftmax",
    "Maxout",
    "NoActivation",
    "OutputActivation",
    "Prelu",
    "Relu",
    "Selu",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Softplus",
    "Tanh",
]


class Relu(Section):
    kind: Literal["relu"] = "relu"


class LeakyRelu(Section):
    kind: Literal["leaky-relu"] = "leaky-relu"
    slope: float = setting(0.01, about="Slope below zero.", ge=0)


class Elu(Section):
    kind: Literal["elu"] = "elu"
    alpha: float = setting(1.0, about="Depth of the negative side.", gt=0)


class Selu(Section):
    kind: Literal["selu"] = "selu"


class Gelu(Section):
    kind: Literal["gelu"] = "gelu"


class Silu(Section):
    kind: Literal["silu"] = "silu"


class Tanh(Section):
    kind: Literal["tanh"] = "tanh"


class Sigmoid(Section):
    kind: Literal["sigmoid"] = "sigmoid"


class Softplus(Section):
    kind: Literal["softplus"] = "softplus"


class Maxout(Section):
    """The largest of several linear ones: each unit has so many times the weights."""

    kind: Literal["maxout"] = "maxout"
    pieces: int = setting(2, about="Linear pieces of each unit.", ge=2, le=64, source="S3-26")


class Prelu(Section):
    """A leaky relu that learns its slope."""

    kind: Literal["prelu"] = "prelu"
    initial: float = setting(0.25, about="Slope below zero before training.", ge=0, lt=1, source="S0-48")
    per: Literal["layer", "unit"] = setting("layer", about="One slope for a layer, or one for each unit or filter.")


class NoActivation(Section):
    kind: Literal["none"] = "none"


class Softmax(Section):
    kind: Literal["softmax"] = "softmax"


class LogSoftmax(Section):
    kind: Literal["log-softmax"] = "log-softmax"


Activation = Annotated[
    Relu | LeakyRelu | Elu | Selu | Gelu | Silu | Tanh | Sigmoid | Softplus | Maxout | Prelu | NoActivation,
    Field(discriminator="kind"),
    shorthand(),
]


OutputActivation = Annotated[
    NoActivation | Sigmoid | Softmax | LogSoftmax | Tanh | Relu | Softplus,
    Field(discriminator="kind"),
    shorthand(),
]
