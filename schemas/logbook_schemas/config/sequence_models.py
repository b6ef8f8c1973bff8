"""Networks for sequences: recurrent ones and transformers.

Inputs are tokens int64 [N, L], which are looked up in a table of vectors, or numbers float32 [N, L] or [N, L, F].
A language model gives an output at every position, any other task one for the whole sequence.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, Section, setting, shorthand
from logbook_schemas.config.initial_weights import (
    DefaultInit,
    He,
    Init,
    Lecun,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    Xavier,
    Zeros,
)
from logbook_schemas.config.readout import Readout

__all__ = ["Identity", "RecurrentInit", "Rnn", "Transformer"]


class Identity(Section):
    """A multiple of the identity: a unit begins by remembering itself (Le, Jaitly and Hinton 2015, with relu)."""

    kind: Literal["identity"] = "identity"
    scale: float = setting(1.0, about="Factor on the identity.", gt=0)


RecurrentInit = Annotated[
    DefaultInit
    | He
    | Xavier
    | Lecun
    | VarianceScaling
    | Orthogonal
    | Identity
    | Normal
    | TruncatedNormal
    | Uniform
    | Zeros,
    Field(discriminator="kind"),
    shorthand(),
]


class _SequenceModel(Readout):
    """What rnn and transformer share."""

    init: Init = setting(
        Xavier(),
        about="Initial weights of all layers but tables of vectors. The output layer has the same distribution at"
        " variance 1 / (3 fan-in).",
        source="S1-08",
    )
    dropout: float = setting(
        0.0,
        about="Probability of DROPPING a hidden unit (two of the guides speak of retaining).",
        ge=0,
        lt=1,
        neutral=0.0,
        source="S0-20",
    )


class Rnn(_SequenceModel):
    """Recurrent layers, then one linear layer: on the last step, or on every step for a language model."""

    kind: Literal["rnn"] = "rnn"
    cell: Literal["lstm", "gru", "plain"] = setting(
        "lstm", about="What a layer remembers with; its activation is tanh.", source="S1-20, S4-28"
    )
    hidden: Many[Annotated[int, Field(ge=1, le=65_536)]] = setting(
        (128,), about="Units of each recurrent layer; dropout comes after each.", min_length=1, max_length=100
    )
    embedding: int = setting(
        32, about="Length of a token's vector; without use where inputs are numbers.", ge=1, le=65_536
    )
    activation: Literal["tanh", "relu"] = setting(
        "tanh", about="Activation of plain cells; those of lstm and gru are fixed.", neutral="tanh"
    )
    bidirectional: bool = setting(
        False, about="Read the sequence in both directions, with as many units for each.", neutral=False
    )
    forget_bias: float | None = setting(
        None,
        about="Initial bias of an lstm's forget gate: at 1 what is remembered stays for a while (Jozefowicz, Zaremba"
        " and Sutskever 2015). null leaves it as it is drawn.",
        follows="1 for lstm with a bias, null else",
    )
    recurrent_init: RecurrentInit = setting(
        Orthogonal(), about="Initial weights from one step to the next, gate by gate (Saxe et al. 2014)."
    )

    @model_validator(mode="before")
    @classmethod
    def _forget_bias_is_an_lstms(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "forget_bias" in value:
            return value
        has_gate = value.get("cell", "lstm") == "lstm" and value.get("bias", True) is True
        return {**value, "forget_bias": 1.0} if has_gate else value

    @model_validator(mode="after")
    def _options_suit_the_cell(self) -> Rnn:
        if self.forget_bias is not None and self.cell != "lstm":
            raise ValueError(
                f"forget_bias is {self.forget_bias:g}, but cell {self.cell} has no forget gate; leave it out"
            )
        if self.forget_bias is not None and not self.bias:
            raise ValueError(f"forget_bias is {self.forget_bias:g}, but bias is false: there is no bias to set")
        if self.activation != "tanh" and self.cell != "plain":
            raise ValueError(f"activation is {self.activation!r}, but that of cell {self.cell} is fixed; leave it out")
        return self


class Transformer(_SequenceModel):
    """Layers of self-attention and of a feed-forward network (Vaswani et al. 2017), small."""

    kind: Literal["transformer"] = "transformer"
    form: Literal["encoder", "decoder"] = setting(
        "encoder",
        about="An encoder's positions see the whole sequence, a decoder's see none after them.",
        follows="decoder for a language model, encoder else",
    )
    layers: int = setting(2, about="How many layers.", ge=1, le=200)
    width: int = setting(64, about="Length of the vector at each position.", ge=1, le=65_536)
    heads: int = setting(4, about="Heads of attention; they share the width out among them.", ge=1, le=1024)
    feed_forward: int = setting(
        256, about="Units of the feed-forward network.", ge=1, le=1_000_000, follows="4 times width"
    )
    activation: Literal["relu", "gelu"] = setting("gelu", about="Activation of the feed-forward network.")
    norm: Literal["pre", "post"] = setting(
        "pre",
        about="Layer normalization before each part, and after the last layer, which trains without warm-up (Xiong et"
        " al. 2020); or after each part, as in the original.",
    )
    positions: Literal["learned", "sinusoidal"] = setting("learned", about="How a position is told.")
    pooling: Literal["mean", "last", "first"] = setting(
        "mean", about="Which positions give the one output of a sequence; without use for a language model."
    )

    @model_validator(mode="before")
    @classmethod
    def _feed_forward_follows_the_width(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "feed_forward" in value:
            return value
        width = value.get("width", 64)
        is_number = isinstance(width, int) and not isinstance(width, bool)
        return {**value, "feed_forward": 4 * width} if is_number and 1 <= width <= 65_536 else value

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Transformer:
        if self.width % self.heads:
            raise ValueError(f"width ({self.width}) must be a multiple of heads ({self.heads})")
        return self
