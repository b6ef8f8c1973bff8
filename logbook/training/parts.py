"""What a training step is made of, and one forward pass of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from logbook.errors import UserCodeError
from logbook.training.schedules import Schedule
from logbook.training.token_scores import counted_tokens
from logbook_schemas.config.run import RunConfig

__all__ = ["Parts", "autocast", "outputs_of", "weight_of"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a training step is made of. `penalty` is None where there is no regularization term."""

    config: RunConfig
    device: torch.device
    model: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]
    penalty: Callable[[nn.Module], Tensor] | None
    optimizer: torch.optim.Optimizer
    schedule: Schedule

    @property
    def trained(self) -> list[Tensor]:
        """The parameters that the optimizer moves."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]


def autocast(config: RunConfig, device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Return the context of a forward pass in the config's precision."""
    if config.training.precision.kind == "bfloat16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()


def outputs_of(model: nn.Module, inputs: Tensor) -> Tensor:
    """Return what a model says of a batch; raises UserCodeError where that isn't one tensor."""
    outputs = model(inputs)
    if isinstance(outputs, Tensor):
        return outputs
    raise UserCodeError(
        f"the model returned an object of type {type(outputs).__name__}; its forward must return one tensor,"
        " the outputs of the batch [N, …]"
    )


def weight_of(config: RunConfig, targets: Tensor) -> int | Tensor:
    """Return how much a batch's loss weighs in the mean over an epoch: its rows, or its counted tokens."""
    return counted_tokens(targets) if config.task == "language-model" else len(targets)
