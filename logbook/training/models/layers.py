"""What the families of networks share: the order of things in a hidden layer, and the last layer.

A hidden layer is a linear one (or a convolution), normalization, activation, pooling, dropout; where the config says
so, the normalization stands after the activation. What would do nothing is left out, so that every module of a
network is one that the config asks for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, assert_never

from torch import nn

from logbook.training.models.activations import Scale, build_activation, pieces_of
from logbook.training.models.dropconnect import DropConnectConv2d, DropConnectLinear
from logbook_schemas.config.layers import (
    AlphaDropout,
    BatchNorm,
    ChannelDropout,
    GroupNorm,
    LayerNorm,
    NoNormalization,
    Normalization,
    UnitDropout,
)
from logbook_schemas.config.model import Autoencoder, Cnn, Mlp, ResidualCnn
from logbook_schemas.config.readout import Readout

__all__ = [
    "Layered",
    "Named",
    "behind_output",
    "build_convolution",
    "build_dropout",
    "build_linear",
    "build_normalization",
    "hidden_layer",
    "input_layers",
    "linear_layers",
    "output_layers",
    "sequence",
]

Named = tuple[str, nn.Module | None]
"""A module and its name; None for one that would do nothing."""

Layered = Mlp | Cnn | ResidualCnn | Autoencoder
"""The families with hidden layers."""


def sequence(stages: Iterable[Named]) -> nn.Sequential:
    """Return the modules that are there, in a row, under their names."""
    return nn.Sequential(OrderedDict((name, stage) for name, stage in stages if stage is not None))


def input_layers(section: Readout) -> list[Named]:
    """Return what stands before everything else: `input_dropout`."""
    return [("input_dropout", nn.Dropout(section.input_dropout) if section.input_dropout > 0 else None)]


def linear_layers(section: Mlp | Cnn | ResidualCnn, *, inputs: int, outputs: int) -> list[Named]:
    """Return the fully connected part of a network: `hidden`, `output`, `output_activation` and `output_scale`."""
    widths = [inputs, *section.hidden]
    hidden = [
        hidden_layer(section, ("linear", build_linear(section, before, after)), width=after)
        for before, after in pairwise(widths)
    ]
    return [
        ("hidden", nn.Sequential(*hidden) if hidden else None),
        *output_layers(section, inputs=widths[-1], outputs=outputs),
    ]


def output_layers(section: Readout, *, inputs: int, outputs: int) -> list[Named]:
    """Return the last layer, `output`, and what is done to what it says."""
    return [("output", nn.Linear(inputs, outputs, bias=section.bias)), *behind_output(section, outputs)]


def behind_output(section: Readout, outputs: int) -> list[Named]:
    """Return what stands behind the last layer."""
    return [
        ("output_activation", build_activation(section.output_activation, width=outputs)),
        ("output_scale", Scale(section.output_scale) if section.output_scale != 1 else None),
    ]


def hidden_layer(section: Layered, weights: Named, *, width: int, pooling: nn.Module | None = None) -> nn.Sequential:
    """Return one hidden layer round its `weights`; `width` is the number of its units or filters.

    The weights come from `build_linear` or `build_convolution`, which give a maxout layer all its pieces.
    """
    of_images = weights[0] == "convolution"
    is_before = getattr(section.normalization, "place", "before-activation") == "before-activation"
    normalized = width * pieces_of(section.activation) if is_before else width
    normalization: Named = (
        "normalization",
        build_normalization(section.normalization, normalized, of_images=of_images),
    )
    activation: Named = ("activation", build_activation(section.activation, width=width))
    return sequence(
        [
            weights,
            *([normalization, activation] if is_before else [activation, normalization]),
            ("pooling", pooling),
            ("dropout", build_dropout(section, of_images=of_images)),
        ]
    )


def build_linear(section: Layered, before: int, after: int) -> nn.Linear:
    """Return the weights of a fully connected hidden layer of `after` units."""
    after *= pieces_of(section.activation)
    if section.dropconnect > 0:
        return DropConnectLinear(before, after, bias=section.bias, drop=section.dropconnect)
    return nn.Linear(before, after, bias=section.bias)


def build_convolution(
    section: Layered, before: int, after: int, kernel: int, *, bias: bool, **options: Any
) -> nn.Conv2d:
    """Return a convolution of `after` filters; `options` are those of torch."""
    after *= pieces_of(section.activation)
    if section.dropconnect > 0:
        return DropConnectConv2d(before, after, kernel, bias=bias, drop=section.dropconnect, **options)
    return nn.Conv2d(before, after, kernel, bias=bias, **options)


def build_dropout(section: Layered, *, of_images: bool) -> nn.Module | None:
    """Return the dropout behind a hidden layer, or None where it drops nothing."""
    if section.dropout == 0:
        return None
    match section.dropout_form:
        case UnitDropout():
            return nn.Dropout(section.dropout)
        case ChannelDropout():
            return nn.Dropout2d(section.dropout) if of_images else nn.Dropout(section.dropout)
        case AlphaDropout():
            return nn.AlphaDropout(section.dropout)
        case _:
            assert_never(section.dropout_form)


def build_normalization(kind: Normalization, width: int, *, of_images: bool) -> nn.Module | None:
    """Return the normalization of a layer of `width` units or filters, or None where there is none."""
    match kind:
        case NoNormalization():
            return None
        case BatchNorm():
            norm = nn.BatchNorm2d if of_images else nn.BatchNorm1d
            return norm(width, eps=kind.eps, momentum=kind.momentum)
        case LayerNorm():
            # One group of all filters normalizes each image over filters and pixels, whatever its size.
            return nn.GroupNorm(1, width, eps=kind.eps) if of_images else nn.LayerNorm(width, eps=kind.eps)
        case GroupNorm():
            return nn.GroupNorm(kind.groups, width, eps=kind.eps)
        case _:
            assert_never(kind)
