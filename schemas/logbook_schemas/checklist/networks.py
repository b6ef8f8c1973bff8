"""The hidden layers that a config asks for, whatever its kind of network; a person's own shows none here."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal, assert_never

from logbook_schemas.config.model import (
    Autoencoder,
    Cnn,
    Embedding,
    LinearModel,
    Mlp,
    Model,
    PythonModel,
    Rbm,
    ResidualCnn,
    Rnn,
    Transformer,
)
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.data import DataRecord

__all__ = ["HiddenLayers", "asks_for_bias", "hidden_layers", "visible_units"]


@dataclass(frozen=True, kw_only=True)
class HiddenLayers:
    """The hidden layers of a feed-forward network, input to output.

    `path` is where the config says them; `filters` are the widths of convolutions, `units` those of fully connected
    layers. In a residual network `filters` has one entry for each convolution of a block.
    """

    path: str
    activation: str
    normalization: str
    filters: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    is_residual: bool = False
    bias: bool = True
    init: str = "he"
    dropout: float = 0.0
    dropout_form: str = "units"

    @property
    def depth(self) -> int:
        """How many hidden layers there are."""
        return len(self.filters) + len(self.units)

    @property
    def is_plain(self) -> bool:
        """Whether nothing but weights and activations stands between input and output."""
        return not self.is_residual and self.normalization == "none"


def hidden_layers(model: Model) -> HiddenLayers | None:
    """Return the hidden layers of a feed-forward network of ours; None for other kinds."""
    section, path = (model.network, "model.network") if isinstance(model, Embedding) else (model, "model")
    filters, is_residual = tuple[int, ...](), False
    match section:
        case Mlp():
            units = section.hidden
        case Cnn():
            filters, units = section.channels, section.hidden
        case ResidualCnn():
            blocks = section.blocks if isinstance(section.blocks, tuple) else (section.blocks,) * len(section.channels)
            counted = zip(section.channels, blocks, strict=False)
            filters = tuple(width for width, count in counted for _ in range(2 * count))
            units, is_residual = section.hidden, True
        case Autoencoder():
            units = (*section.hidden, section.bottleneck, *reversed(section.hidden))
        case LinearModel() | Rnn() | Transformer() | Rbm() | PythonModel():
            return None
        case _:
            assert_never(section)
    return HiddenLayers(
        path=path,
        activation=section.activation.kind,
        normalization=section.normalization.kind,
        filters=filters,
        units=units,
        is_residual=is_residual,
        bias=section.bias,
        init=section.init.kind,
        dropout=section.dropout,
        dropout_form=section.dropout_form.kind,
    )


def asks_for_bias(data: DataRecord, *, offset: float, features: float) -> str | None:
    """Return why these data ask for a bias, or None: targets so many deviations from 0, or so few inputs."""
    targets = data.targets
    if targets is not None and targets.mean is not None and targets.std and data.task == "regression":
        found = abs(targets.mean) / targets.std
        if found > offset:
            return f"the targets' mean is {found:.3g} standard deviations from 0"
    inputs = prod(data.input_shape)
    if 0 < inputs < features:
        return f"with {inputs} inputs every boundary would have to go through the origin"
    return None


def visible_units(config: RunConfig, kind: Literal["binary", "gaussian"]) -> str | None:
    """Return the field that asks for visible units of a kind, of the model or its pre-training; None if none does."""
    if getattr(config.model, "visible", None) == kind:
        return "model.visible"
    pretraining = config.training.pretraining
    return "training.pretraining.visible" if pretraining is not None and pretraining.visible == kind else None
