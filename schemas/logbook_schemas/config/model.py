"""The network: its layers, activations and initial weights."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, PythonTarget, Section, kind_of, setting, shorthand

__all__ = [
    "Activation",
    "Cnn",
    "Init",
    "Mlp",
    "Model",
    "Normalization",
    "OutputActivation",
    "Pooling",
    "PythonModel",
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

_INIT_FOR = {"selu": "lecun", "tanh": "xavier", "sigmoid": "xavier", "none": "xavier", "softplus": "xavier"}
"""The scheme whose variance suits an activation; relu and its relatives take he (S1-08, S4-47)."""


class _Feedforward(Section):
    """What mlp and cnn share."""

    activation: Activation = setting(Relu(), about="Activation of the hidden layers.", source="S2-03, S1-18")
    init: Init = setting(
        He(),
        about="Initial weights of the hidden layers; by default he for relu and its relatives, xavier for tanh"
        " and sigmoid, lecun for selu. The output layer has the same distribution at variance 1 / (3 fan-in).",
        source="S0-46, S1-08",
    )
    dropout: float = setting(
        0.0,
        about="Probability of DROPPING a hidden unit (two of the guides speak of retaining).",
        ge=0,
        lt=1,
        neutral=0.0,
        source="S0-20",
    )
    normalization: Normalization = setting(
        NoNormalization(), about="Normalization before each activation.", neutral={"kind": "none"}
    )
    bias: bool = setting(True, about="A bias in every layer.", source="S2-06")
    output_activation: OutputActivation = setting(
        NoActivation(), about="Activation of the last layer.", neutral={"kind": "none"}, source="S0-39, S2-05"
    )

    @model_validator(mode="before")
    @classmethod
    def _init_default_follows_the_activation(cls, value: Any) -> Any:
        if isinstance(value, dict) and "init" not in value:
            activation = kind_of(value.get("activation", "relu"))
            return {**value, "init": {"kind": _INIT_FOR.get(activation or "relu", "he")}}
        return value


class Mlp(_Feedforward):
    """Fully connected layers."""

    kind: Literal["mlp"] = "mlp"
    hidden: Many[Annotated[int, Field(ge=1, le=1_000_000)]] = setting(
        (256, 256), about="Units of each hidden layer; [] is a linear model.", max_length=1000, source="S0-52"
    )


class Cnn(_Feedforward):
    """Convolutions, each with pooling, then fully connected layers."""

    kind: Literal["cnn"] = "cnn"
    channels: Many[Annotated[int, Field(ge=1, le=65_536)]] = setting(
        (32, 64), about="Filters of each convolution.", min_length=1, max_length=1000, source="S2-15"
    )
    kernel: int = setting(3, about="Side of the filters.", ge=1, le=31, unit="pixels")
    pooling: Pooling = setting(MaxPooling(), about="Pooling after each convolution.", source="S2-16")
    hidden: Many[Annotated[int, Field(ge=1, le=1_000_000)]] = setting(
        (128,), about="Units of each fully connected layer before the last.", max_length=1000
    )


class PythonModel(PythonTarget):
    """The person's own network: a callable that returns a torch.nn.Module, batch in, outputs out."""

    kind: Literal["python"] = "python"


Model = Annotated[Mlp | Cnn | PythonModel, Field(discriminator="kind"), shorthand("mlp")]
