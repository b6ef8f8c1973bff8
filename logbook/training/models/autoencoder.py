"""Autoencoders of fully connected layers: an input of any shape is flattened, and the output has its shape again."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.training.models.layers import Named, activation_of, hidden_layer, sequence
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
    widths = [prod(input_shape), *section.hidden, section.bottleneck]
    inward = [nn.Linear(before, after, bias=section.bias) for before, after in pairwise(widths)]
    outward: list[nn.Module] = [_mirrored(section, layer) for layer in reversed(inward)]
    decoder = [
        hidden_layer(section, ("linear", layer), width=width)
        for layer, width in zip(outward[:-1], reversed(section.hidden), strict=True)
    ]
    return sequence(
        [
            ("flatten", nn.Flatten() if len(input_shape) != 1 else None),
            (
                "encoder",
                _stack([hidden_layer(section, ("linear", one), width=one.out_features) for one in inward[:-1]]),
            ),
            ("bottleneck", sequence(_bottleneck(section, inward[-1]))),
            ("decoder", _stack(decoder)),
            ("output", outward[-1]),
            ("output_activation", activation_of(section.output_activation)),
            ("unflatten", nn.Unflatten(1, input_shape) if len(input_shape) != 1 else None),
        ]
    )


def _bottleneck(section: Autoencoder, layer: nn.Linear) -> list[Named]:
    return [("linear", layer), ("activation", activation_of(section.bottleneck_activation))]


def _stack(layers: list[nn.Sequential]) -> nn.Module | None:
    return nn.Sequential(*layers) if layers else None


def _mirrored(section: Autoencoder, layer: nn.Linear) -> nn.Module:
    if section.tied:
        return _Transposed(layer)
    return nn.Linear(layer.out_features, layer.in_features, bias=section.bias)
