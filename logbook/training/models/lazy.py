"""Lazy layers, such as `nn.LazyLinear`: their shapes are known, and their weights made, in the first forward pass."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from logbook.errors import ConfigError
from logbook.training.own_code import own_code

__all__ = ["finish_lazy_layers"]


@torch.no_grad()
def finish_lazy_layers(model: nn.Module, first_rows: Callable[[], Tensor]) -> None:
    """Make the weights of lazy layers by one forward pass of a few rows, in evaluation mode; others are left alone.

    The weights are drawn from the global generators as they are. Raises UserCodeError where the forward pass fails,
    ConfigError where a layer takes no part in it, since its shape stays unknown.
    """
    if not _waiting(model):
        return
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    with own_code("the model's first forward pass, which makes the weights of its lazy layers,"):
        model(first_rows())
    for module, is_training in flags:
        module.training = is_training
    if waiting := _waiting(model):
        raise ConfigError(
            f"{waiting[0]} is of a lazy layer that the model's forward pass doesn't use, so its shape is unknown;"
            " use the layer, or leave it out"
        )


def _waiting(model: nn.Module) -> list[str]:
    """Return the names of parameters and buffers that have no shape yet."""
    held = (*model.named_parameters(), *model.named_buffers())
    return [name for name, value in held if is_lazy(value)]
