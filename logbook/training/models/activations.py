"""Activations of hidden layers and of the output, as modules."""

from __future__ import annotations

from typing import assert_never

import torch
from torch import Tensor, nn

from logbook_schemas.config.activations import (
    Activation,
    Elu,
    Gelu,
    LeakyRelu,
    LogSoftmax,
    NoActivation,
    OutputActivation,
    Prelu,
    Relu,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from logbook_schemas.config.activations import Maxout as MaxoutSection

__all__ = ["Maxout", "Scale", "build_activation", "pieces_of"]


class Maxout(nn.Module):
    """The largest of each `pieces` neighbouring inputs (Goodfellow et al. 2013): [N, C · pieces, …] -> [N, C, …]."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.unflatten(inputs, 1, (-1, self.pieces)).amax(2)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"


class Scale(nn.Module):
    """A fixed factor on whatever comes in."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * self.factor

    def extra_repr(self) -> str:
        return f"factor={self.factor:g}"


def pieces_of(kind: Activation) -> int:
    """Return how many outputs the weights of a layer need for each unit behind this activation."""
    return kind.pieces if isinstance(kind, MaxoutSection) else 1


def build_activation(kind: Activation | OutputActivation, *, width: int) -> nn.Module | None:
    """Return the module of an activation behind which `width` units or filters stand; None for none."""
    match kind:
        case NoActivation():
            return None
        case MaxoutSection():
            return Maxout(kind.pieces)
        case Prelu():
            return nn.PReLU(width if kind.per == "unit" else 1, init=kind.initial)
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
