"""Fully connected networks and linear models; an input of any shape is flattened first."""

from __future__ import annotations

from math import prod

from torch import nn

from logbook.training.models.layers import Named, input_layers, linear_layers, output_layers, sequence
from logbook_schemas.config.model import LinearModel, Mlp

__all__ = ["build_linear_model", "build_mlp"]


def build_mlp(section: Mlp, *, input_shape: tuple[int, ...], output_size: int) -> nn.Module:
    """Return the network `hidden.0.linear`, …, `output`; with no hidden layer it is a linear model."""
    layers = linear_layers(section, inputs=prod(input_shape), outputs=output_size)
    return sequence([_flatten(input_shape), *input_layers(section), *layers])


def build_linear_model(section: LinearModel, *, input_shape: tuple[int, ...], output_size: int) -> nn.Module:
    """Return the network whose only weights are those of `output`."""
    layers = output_layers(section, inputs=prod(input_shape), outputs=output_size)
    return sequence([_flatten(input_shape), *input_layers(section), *layers])


def _flatten(input_shape: tuple[int, ...]) -> Named:
    return ("flatten", nn.Flatten() if len(input_shape) != 1 else None)
