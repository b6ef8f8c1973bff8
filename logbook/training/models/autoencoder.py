"""Autoencoders of fully connected layers: an input of any shape is flattened, and the output has its shape again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.training.models.activations import build_activation, pieces_of
from logbook.training.models.layers import Named, behind_output, build_linear, hidden_layer, input_layers, sequence
from logbook_schemas.config.model import Autoencoder

__all__ = ["build_autoencoder"]


class _Transposed(nn.Module):
    """A linear layer whose weights are another's, transposed; its bias is its own."""

    def __init__(self, source: nn.Linear) -> None:
        super().__init__()
        # Not as a submodule: the weights are the encoder's, and stand in a checkpoint once.
        self.__dict__["_source"] = source
        self.bias = nn.Parameter(torch.zeros(source.in_features)) if source.bias is not None else None

    def forward(self, inputs: Tensor) -> Tensor:
        source: nn.Linear = self.__dict__["_source"]
        return functional.linear(inputs, source.weight.t(), self.bias)


def build_autoencoder(section: Autoencoder, *, input_shape: tuple[int, ...]) -> nn.Module:
    """Return the network `encoder.0.linear`, …, `bottleneck.linear`, `decoder.0.linear`, …, `output`."""
    inputs = prod(input_shape)
    encoder = [build_linear(section, before, after) for before, after in pairwise([inputs, *section.hidden])]
    narrowest = section.hidden[-1] if section.hidden else inputs
    pieces = pieces_of(section.bottleneck_activation)
    bottleneck = nn.Linear(narrowest, section.bottleneck * pieces, bias=section.bias)
    mirrored = _mirror(section, inputs, [*encoder, bottleneck])
    return sequence(
        [
            ("flatten", nn.Flatten() if len(input_shape) != 1 else None),
            *input_layers(section),
            ("encoder", _stack(section, encoder, section.hidden)),
            ("bottleneck", sequence(_bottleneck(section, bottleneck))),
            ("decoder", _stack(section, mirrored[:-1], section.hidden[::-1])),
            ("output", mirrored[-1]),
            *behind_output(section, inputs),
            ("unflatten", nn.Unflatten(1, input_shape) if len(input_shape) != 1 else None),
        ]
    )


def _bottleneck(section: Autoencoder, layer: nn.Linear) -> list[Named]:
    activation = build_activation(section.bottleneck_activation, width=section.bottleneck)
    return [("linear", layer), ("activation", activation)]


def _stack(section: Autoencoder, weights: Sequence[nn.Module], widths: Sequence[int]) -> nn.Module | None:
    pairs = zip(weights, widths, strict=True)
    layers = [hidden_layer(section, ("linear", layer), width=width) for layer, width in pairs]
    return nn.Sequential(*layers) if layers else None


def _mirror(section: Autoencoder, inputs: int, layers: Sequence[nn.Linear]) -> list[nn.Module]:
    """Return the decoder's layers, the last of them the network's: of its own weights, or of the encoder's."""
    if section.tied:
        return [_Transposed(layer) for layer in reversed(layers)]
    outward = [build_linear(section, *pair) for pair in pairwise([section.bottleneck, *section.hidden[::-1]])]
    return [*outward, nn.Linear(section.hidden[0] if section.hidden else section.bottleneck, inputs, bias=section.bias)]
