"""Networks whose outputs are places in space."""

from __future__ import annotations

from typing import assert_never

from torch import Tensor, nn
from torch.nn import functional

from logbook.training.models.cnn import build_cnn
from logbook.training.models.mlp import build_linear_model, build_mlp
from logbook.training.models.residual_cnn import build_residual_cnn
from logbook_schemas.config.model import Cnn, Embedding, LinearModel, Mlp, ResidualCnn

__all__ = ["build_embedding"]


class _UnitLength(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return functional.normalize(inputs, dim=1)


def build_embedding(section: Embedding, *, input_shape: tuple[int, ...]) -> nn.Module:
    """Return the layers of the network that makes the embedding [N, size], and `unit_length` after them.

    Raises ConfigError where the input doesn't suit that network.
    """
    match section.network:
        case Mlp():
            network = build_mlp(section.network, input_shape=input_shape, output_size=section.size)
        case LinearModel():
            network = build_linear_model(section.network, input_shape=input_shape, output_size=section.size)
        case Cnn():
            network = build_cnn(section.network, input_shape=input_shape, output_size=section.size)
        case ResidualCnn():
            network = build_residual_cnn(section.network, input_shape=input_shape, output_size=section.size)
        case _:
            assert_never(section.network)
    if section.normalize:
        network.add_module("unit_length", _UnitLength())
    return network
