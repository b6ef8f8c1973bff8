"""Fully connected networks; an input of any shape is flattened first."""

from __future__ import annotations

from math import prod

from torch import nn

from logbook.training.models.layers import linear_layers, sequence
from logbook_schemas.config.model import Mlp

__all__ = ["build_mlp"]


def build_mlp(section: Mlp, *, input_shape: tuple[int, ...], output_size: int) -> nn.Module:
    """Return the network `hidden.0.linear`, …, `output`; with no hidden layer it is a linear model."""
    flatten = nn.Flatten() if len(input_shape) != 1 else None
    return sequence([("flatten", flatten), *linear_layers(section, inputs=prod(input_shape), outputs=output_size)])
