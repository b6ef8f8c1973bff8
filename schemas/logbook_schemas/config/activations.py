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
    "NoActivation",
    "OutputActivation",
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


class NoActivation(Section):
    kind: Literal["none"] = "none"


class Softmax(Section):
    kind: Literal["softmax"] = "softmax"


class LogSoftmax(Section):
    kind: Literal["log-softmax"] = "log-softmax"


Activation = Annotated[
    Relu | LeakyRelu | Elu | Selu | Gelu | Silu | Tanh | Sigmoid | Softplus | NoActivation,
    Field(discriminator="kind"),
    shorthand(),
]


OutputActivation = Annotated[
    NoActivation | Sigmoid | Softmax | LogSoftmax | Tanh | Relu | Softplus,
    Field(discriminator="kind"),
    shorthand(),
]
