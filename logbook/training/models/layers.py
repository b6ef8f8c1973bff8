"""What the families of networks share: activations, normalization, and the order of things in a hidden layer.

A hidden layer is a linear one (or a convolution), normalization, activation, pooling, dropout. What would do
nothing is left out, so that every module of a network is one that the config asks for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from itertools import pairwise
from typing import assert_never

from torch import nn

from logbook_schemas.config.activations import (
    Activation,
    Elu,
    Gelu,
    LeakyRelu,
    LogSoftmax,
    NoActivation,
    OutputActivation,
    Relu,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from logbook_schemas.config.layers import BatchNorm, LayerNorm, NoNormalization, Normalization
from logbook_schemas.config.model import Autoencoder, Cnn, Mlp

__all__ = ["Named", "activation_of", "hidden_layer", "linear_layers", "sequence"]

Named = tuple[str, nn.Module | None]
"""A module and its name; None for one that would do nothing."""


def sequence(stages: Iterable[Named]) -> nn.Sequential:
    """Return the modules that are there, in a row, under their names."""
    return nn.Sequential(OrderedDict((name, stage) for name, stage in stages if stage is not None))


def linear_layers(section: Mlp | Cnn, *, inputs: int, outputs: int) -> list[Named]:
    """Return the fully connected part of a network: `hidden`, `output` and `output_activation`."""
    widths = [inputs, *section.hidden]
    hidden = [
        hidden_layer(section, ("linear", nn.Linear(before, after, bias=section.bias)), width=after)
        for before, after in pairwise(widths)
    ]
    return [
        ("hidden", nn.Sequential(*hidden) if hidden else None),
        ("output", nn.Linear(widths[-1], outputs, bias=section.bias)),
        ("output_activation", activation_of(section.output_activation)),
    ]


def hidden_layer(
    section: Mlp | Cnn | Autoencoder, weights: Named, *, width: int, pooling: nn.Module | None = None
) -> nn.Sequential:
    """Return one hidden layer round its `weights`; `width` is the number of its units or filters."""
    return sequence(
        [
            weights,
            ("normalization", _normalization(section.normalization, width, of_images=weights[0] == "convolution")),
            ("activation", activation_of(section.activation)),
            ("pooling", pooling),
            ("dropout", nn.Dropout(section.dropout) if section.dropout > 0 else None),
        ]
    )


def _normalization(kind: Normalization, width: int, *, of_images: bool) -> nn.Module | None:
    match kind:
        case NoNormalization():
            return None
        case BatchNorm():
            return nn.BatchNorm2d(width) if of_images else nn.BatchNorm1d(width)
        case LayerNorm():
            # One group of all filters normalizes each image over filters and pixels, whatever its size.
            return nn.GroupNorm(1, width) if of_images else nn.LayerNorm(width)
        case _:
            assert_never(kind)


def activation_of(kind: Activation | OutputActivation) -> nn.Module | None:
    """Return the module of an activation; None for none."""
    match kind:
        case NoActivation():
            return None
        case LeakyRelu():
            return nn.LeakyReLU(kind.slope)
        case Elu():
            return nn.ELU(kind.alpha)
        case Relu():
            return nn.ReLU()
        case Selu():
            return nn.SELU()
        case Gelu():
            return nn.GELU()
        case Silu():
            return nn.SiLU()
        case Tanh():
            return nn.Tanh()
        case Sigmoid():
            return nn.Sigmoid()
        case Softplus():
            return nn.Softplus()
        case Softmax():
            return nn.Softmax(dim=-1)
        case LogSoftmax():
            return nn.LogSoftmax(dim=-1)
        case _:
            assert_never(kind)
