"""The network: one class a family."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.activations import Activation, Maxout, NoActivation, Relu
from logbook_schemas.config.base import Many, PythonTarget, Section, setting, shorthand
from logbook_schemas.config.biases import DefaultBias, InitialBias
from logbook_schemas.config.boltzmann import Rbm
from logbook_schemas.config.initial_weights import CheckpointInit, He, Init, Xavier, init_for
from logbook_schemas.config.layers import (
    BatchNorm,
    DropoutForm,
    GlobalAverage,
    GlobalPooling,
    GroupNorm,
    MaxPooling,
    NoGlobalPooling,
    NoNormalization,
    NoPooling,
    Normalization,
    Padding,
    Pooling,
    UnitDropout,
    ZeroPadding,
)
from logbook_schemas.config.readout import Readout
from logbook_schemas.config.sequence_models import Rnn, Transformer

__all__ = [
    "Autoencoder",
    "Cnn",
    "Embedded",
    "Embedding",
    "LinearModel",
    "Mlp",
    "Model",
    "PythonModel",
    "Rbm",
    "ResidualCnn",
    "Rnn",
    "Transformer",
]

Units = Annotated[int, Field(ge=1, le=1_000_000)]
Filters = Annotated[int, Field(ge=1, le=65_536)]
Side = Annotated[int, Field(ge=1, le=31)]


class _Feedforward(Readout):
    """What mlp and the convolutional networks share."""

    activation: Activation = setting(Relu(), about="Activation of the hidden layers.", source="S2-03, S1-18")
    init: Init = setting(
        He(),
        about="Initial weights of the hidden layers. The output layer has the same distribution at variance"
        " 1 / (3 fan-in).",
        follows="he for relu and its relatives, xavier for tanh and sigmoid, lecun for selu, variance-scaling for"
        " maxout",
        source="S0-46, S1-08",
    )
    initial_bias: InitialBias = setting(
        DefaultBias(),
        about="How the biases of the hidden layers start.",
        neutral={"kind": "default"},
        source="S0-47, S3-25",
    )
    dropout: float = setting(
        0.0,
        about="Probability of DROPPING a hidden unit (two of the guides speak of retaining).",
        ge=0,
        lt=1,
        neutral=0.0,
        source="S0-20",
    )
    dropout_form: DropoutForm = setting(
        UnitDropout(), about="What dropout drops, and to which value.", neutral={"kind": "units"}, source="S4-47"
    )
    dropconnect: float = setting(
        0.0,
        about="Probability of DROPPING a weight of a hidden layer, anew in each batch.",
        ge=0,
        lt=1,
        neutral=0.0,
        source="S1-28",
    )
    normalization: Normalization = setting(
        NoNormalization(), about="Normalization of each hidden layer.", neutral={"kind": "none"}, source="S4-23"
    )

    @model_validator(mode="before")
    @classmethod
    def _init_default_follows_the_activation(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        activation = value.get("activation", "relu")
        if "init" not in value:
            return {**value, "init": init_for(activation)}
        return value if value["init"] is None else {**value, "init": init_for(activation, value["init"])}

    def _refuse_uneven_groups(self, field: str, widths: tuple[int, ...], *, of_images: bool) -> None:
        if not isinstance(self.normalization, GroupNorm):
            return
        groups, is_before = self.normalization.groups, self.normalization.place == "before-activation"
        pieces = self.activation.pieces if isinstance(self.activation, Maxout) and is_before else 1
        for width in widths:
            if width * pieces % groups:
                of_pieces = f" times {pieces} pieces" if pieces > 1 else ""
                raise ValueError(f"normalization.groups is {groups}, which doesn't divide {field} {width}{of_pieces}")
            if width * pieces == groups and not of_images:
                raise ValueError(
                    f"normalization.groups is {groups}, as many as {field} {width}: a unit alone is always normalized"
                    " to 0"
                )


class LinearModel(Readout):
    """One layer and no hidden ones: linear, logistic or multinomial regression, as the loss has it."""

    kind: Literal["linear"] = "linear"
    init: Init = setting(
        Xavier(),
        about="Initial weights. Schemes that go by the fan start at variance 1 / (3 fan-in), as any output layer.",
        source="S0-46",
    )


class Mlp(_Feedforward):
    """Fully connected layers."""

    kind: Literal["mlp"] = "mlp"
    hidden: Many[Units] = setting(
        (256, 256), about="Units of each hidden layer; [] is a linear model.", max_length=1000, source="S0-52"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Mlp:
        self._refuse_uneven_groups("hidden", self.hidden, of_images=False)
        if self.dropconnect > 0 and not self.hidden:
            raise ValueError("dropconnect drops weights of hidden layers, and hidden is []")
        if self.dropout_form.kind == "channels":
            raise ValueError("dropout_form 'channels' drops whole filters, and an mlp has none; use 'units'")
        return self


class Cnn(_Feedforward):
    """Convolutions, each with pooling, then fully connected layers."""

    kind: Literal["cnn"] = "cnn"
    channels: Many[Filters] = setting(
        (32, 64), about="Filters of each convolution.", min_length=1, max_length=1000, source="S2-15"
    )
    kernel: Side | Many[Side] = setting(
        3, about="Side of the filters: one for all convolutions, or one for each.", unit="pixels"
    )
    stride: Side | Many[Side] = setting(
        1, about="Pixels between two places of a filter: one for all convolutions, or one for each.", unit="pixels",
        neutral=1,
    )  # fmt: skip
    padding: Padding = setting(
        ZeroPadding(), about="What stands beyond the edge of the image.", neutral={"kind": "zero"}
    )
    pooling: Pooling | Many[Pooling] = setting(
        MaxPooling(),
        about="Pooling after each convolution; a list has one for each, 'none' among them.",
        source="S2-16",
    )
    global_pooling: GlobalPooling = setting(
        NoGlobalPooling(), about="One number of each filter before the fully connected part.", neutral={"kind": "none"}
    )
    hidden: Many[Units] = setting((128,), about="Units of each fully connected layer before the last.", max_length=1000)

    @model_validator(mode="after")
    def _fits_together(self) -> Cnn:
        _refuse_other_length(self, "channels", ("kernel", "stride", "pooling"))
        self._refuse_uneven_groups("channels", self.channels, of_images=True)
        self._refuse_uneven_groups("hidden", self.hidden, of_images=False)
        return self


class OriginalBlock(Section):
    """Convolution, normalization, activation, twice; the sum stands before the last activation (He et al. 2015)."""

    kind: Literal["original"] = "original"


class PreActivationBlock(Section):
    """Normalization, activation, convolution, twice; nothing stands on the way of the sum (He et al. 2016)."""

    kind: Literal["pre-activation"] = "pre-activation"


Block = Annotated[OriginalBlock | PreActivationBlock, Field(discriminator="kind"), shorthand()]


class ResidualCnn(_Feedforward):
    """Convolutions in blocks that add to what they got; each stage but the first halves height and width."""

    kind: Literal["residual-cnn"] = "residual-cnn"
    block: Block = setting(PreActivationBlock(), about="Order of things in a block.", source="S4-32")
    channels: Many[Filters] = setting(
        (16, 32, 64), about="Filters of the blocks of each stage.", min_length=1, max_length=100, source="S2-15"
    )
    blocks: Annotated[int, Field(ge=1, le=1000)] | Many[Annotated[int, Field(ge=1, le=1000)]] = setting(
        2, about="Blocks of two convolutions: one number for all stages, or one for each.", source="S4-32"
    )
    kernel: int = setting(3, about="Side of the filters, odd.", ge=1, le=31, unit="pixels")
    stem_kernel: int = setting(3, about="Side of the filters of the first convolution.", ge=1, le=31, unit="pixels")
    stem_stride: int = setting(1, about="Stride of the first convolution.", ge=1, le=31, unit="pixels")
    stem_pooling: Pooling = setting(NoPooling(), about="Pooling after the first convolution.")
    normalization: Normalization = setting(BatchNorm(), about="Normalization in the blocks.", source="S3-15")
    zero_init_residual: bool = setting(
        False, about="Begin with blocks that add nothing: the last weights of each are 0 before training."
    )
    global_pooling: GlobalPooling = setting(
        GlobalAverage(), about="One number of each filter before the fully connected part."
    )
    hidden: Many[Units] = setting((), about="Units of each fully connected layer before the last.", max_length=1000)

    @model_validator(mode="after")
    def _fits_together(self) -> ResidualCnn:
        _refuse_other_length(self, "channels", ("blocks",))
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, found {self.kernel}: only then has a block's sum two equal sides")
        if isinstance(self.activation, Maxout):
            raise ValueError("activation 'maxout' has fewer outputs than inputs, so a block could not add to its input")
        if self.initial_bias.kind != "default" and self.normalization.kind != "none" and not self.hidden:
            raise ValueError(
                f"initial_bias is {self.initial_bias.kind!r}, but convolutions with normalization have no bias here:"
                " there is none to set"
            )
        if getattr(self.normalization, "place", "before-activation") != "before-activation":
            raise ValueError("normalization.place is for mlp and cnn; in a residual-cnn 'block' decides the order")
        self._refuse_uneven_groups("channels", self.channels, of_images=True)
        self._refuse_uneven_groups("hidden", self.hidden, of_images=False)
        return self


def _refuse_other_length(section: Section, field: str, others: tuple[str, ...]) -> None:
    wanted = len(getattr(section, field))
    for name, found in _lists(section, others):
        if len(found) != wanted:
            raise ValueError(
                f"{name} has length {len(found)} and {field} has length {wanted}; give one for each, or one for all"
            )


def _lists(section: Section, names: tuple[str, ...]) -> Iterator[tuple[str, Sized]]:
    values = ((name, getattr(section, name)) for name in names)
    return ((name, value) for name, value in values if isinstance(value, tuple))


class Autoencoder(_Feedforward):
    """Fully connected layers that narrow to a bottleneck and widen again, to give the input back.

    An input of any shape is flattened, and the output has its shape again. Noise in data.augment changes the
    inputs alone, and the targets stay clean: that makes a denoising autoencoder.
    """

    kind: Literal["autoencoder"] = "autoencoder"
    hidden: Many[Units] = setting(
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

    @model_validator(mode="after")
    def _fits_together(self) -> Autoencoder:
        self._refuse_uneven_groups("hidden", self.hidden, of_images=False)
        if self.dropout_form.kind == "channels":
            raise ValueError("dropout_form 'channels' drops whole filters, and an autoencoder has none; use 'units'")
        if self.dropconnect > 0 and not self.hidden:
            raise ValueError("dropconnect drops weights of hidden layers, and hidden is []")
        untied = {
            "activation 'maxout'": self.activation.kind == "maxout" or self.bottleneck_activation.kind == "maxout",
            f"dropconnect {self.dropconnect:g}": self.dropconnect > 0,
            f"initial_bias {self.initial_bias.kind!r}": self.initial_bias.kind != "default",
            f"output_bias {self.output_bias.kind!r}": self.output_bias.kind != "default",
        }
        for what, is_asked in untied.items():
            if self.tied and is_asked:
                raise ValueError(f"tied is true, and {what} needs a decoder with layers of its own; set one of them")
        return self


Embedded = Annotated[Mlp | LinearModel | Cnn | ResidualCnn, Field(discriminator="kind"), shorthand("mlp")]
"""The networks that an embedding may be made with."""


class Embedding(Section):
    """A network whose outputs are a place in space, where distances mean something: for task metric-learning."""

    kind: Literal["embedding"] = "embedding"
    network: Embedded = setting(Mlp(), about="The network that makes the embedding; its outputs are the dimensions.")
    size: int = setting(32, about="Dimensions of the embedding.", ge=1, le=1_000_000)
    normalize: bool = setting(True, about="Scale each embedding to length 1, so that margins have a meaning.")

    @model_validator(mode="after")
    def _has_no_best_constant(self) -> Embedding:
        if self.network.output_bias.kind == "prior":
            raise ValueError("network.output_bias is 'prior', but no place is the best one for every example")
        return self


class PythonModel(PythonTarget):
    """The person's own network: a callable that returns a torch.nn.Module, batch in, outputs out."""

    kind: Literal["python"] = "python"
    init: CheckpointInit | None = setting(
        None, about="Weights of a checkpoint in place of those that the callable leaves.", neutral=None
    )

    @model_validator(mode="after")
    def _starts_as_its_callable_says(self) -> PythonModel:
        if self.init is not None and self.init.rest is not None:
            raise ValueError("init.rest is not for your own network: what is not taken stays as the callable leaves it")
        return self


Model = Annotated[
    Mlp | LinearModel | Cnn | ResidualCnn | Rnn | Transformer | Autoencoder | Rbm | Embedding | PythonModel,
    Field(discriminator="kind"),
    shorthand("mlp"),
]
