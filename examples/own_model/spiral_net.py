"""A network of one's own, named in `spirals.json`."""

from __future__ import annotations

from torch import nn


def make_net(input_shape: tuple[int, ...], output_size: int, width: int = 64) -> nn.Module:
    """Return a network from points `[N, 2]` to logits `[N, output_size]`."""
    return nn.Sequential(
        nn.Linear(input_shape[0], width),
        nn.ReLU(),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, output_size),
    )
