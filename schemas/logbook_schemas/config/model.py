"""The network: one class a family."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.activations import Activation, NoActivation, OutputActivation, Relu
from logbook_schemas.config.base import Many, PythonTarget, Section, kind_of, setting, shorthand
from logbook_schemas.config.boltzmann import Rbm
from logbook_schemas.config.initial_weights import He, Init
from logbook_schemas.config.layers import MaxPooling, NoNormalization, Normalization, Pooling

__all__ = [
    "Autoencoder",
    "Cnn",
    "Embedded",
    "Embedding",
    "Mlp",
    "Model",
    "PythonModel",
    "Rbm",
]

_INIT_FOR = {"selu": "lecun", "tanh": "xavier", "sigmoid": "xavier", "none": "xavier", "softplus": "xavier"}
"""The scheme whose variance suits an activation; relu and its relatives take he (S1-08, S4-47)."""


class _Feedforward(Section):
    """What mlp and cnn share."""

    activation: Activation = setting(Relu(), about="Activation of the hidden layers.", source="S2-03, S1-18")
    init: Init = setting(
        He(),
        about="Initial weights of the hidden layers. The output layer has the same distribution at variance"
        " 1 / (3 fan-in).",
        follows="he for relu and its relatives, xavier for tanh and sigmoid, lecun for selu",
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


class Autoencoder(_Feedforward):
    """Fully connected layers that narrow to a bottleneck and widen again, to give the input back.

    An input of any shape is flattened, and the output has its shape again. Noise in data.augment changes the
    inputs alone, and the targets stay clean: that makes a denoising autoencoder.
    """

    kind: Literal["autoencoder"] = "autoencoder"
    hidden: Many[Annotated[int, Field(ge=1, le=1_000_000)]] = setting(
        (128,),
        about="Units of each layer of the encoder; the decoder has the same in reverse.",
        max_length=1000,
        source="S1-40, S1-41",
    )
    bottleneck: int = setting(
        32,
        about="Units in the middle. As many as inputs, and nothing need be learnt.",
        ge=1,
        le=1_000_000,
        source="S1-40, S1-42",
    )
    bottleneck_activation: Activation = setting(NoActivation(), about="Activation of the bottleneck.")
    tied: bool = setting(False, about="The decoder's weights are the encoder's, transposed; its biases are its own.")


Embedded = Annotated[Mlp | Cnn, Field(discriminator="kind"), shorthand("mlp")]
"""The networks that an embedding may be made with."""


class Embedding(Section):
    """A network whose outputs are a place in space, where distances mean something: for task metric-learning."""

    kind: Literal["embedding"] = "embedding"
    network: Embedded = setting(Mlp(), about="The network that makes the embedding; its outputs are the dimensions.")
    size: int = setting(32, about="Dimensions of the embedding.", ge=1, le=1_000_000)
    normalize: bool = setting(True, about="Scale each embedding to length 1, so that margins have a meaning.")


class PythonModel(PythonTarget):
    """The person's own network: a callable that returns a torch.nn.Module, batch in, outputs out."""

    kind: Literal["python"] = "python"


Model = Annotated[
    Mlp | Cnn | Autoencoder | Rbm | Embedding | PythonModel, Field(discriminator="kind"), shorthand("mlp")
]
