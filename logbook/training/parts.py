"""What a training step is made of, and one forward pass of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from logbook.errors import UserCodeError
from logbook.training.schedules import Schedule
from logbook_schemas.config.run import RunConfig

__all__ = ["Parts", "autocast", "outputs_of"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a training step is made of. `penalty` is None where there is no regularization term.

    `forward` is the model as a step calls it, where that isn't the model itself but its translation. `scaler` scales
    the loss of a float16 step, and `average` is the average of the weights, where there are such.
    """

    config: RunConfig
    device: torch.device
    model: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]
    penalty: Callable[[nn.Module], Tensor] | None
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    forward: Callable[[Tensor], object] | None = None
    scaler: torch.amp.GradScaler | None = None
    average: AveragedModel | None = None

    @property
    def trained(self) -> list[Tensor]:
        """The parameters that the optimizer moves."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    @property
    def evaluated(self) -> nn.Module:
        """The model that is evaluated and kept: the one with averaged weights, where they are averaged."""
        return self.model if self.average is None else self.average.module


def autocast(config: RunConfig, device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Return the context of a forward pass in the config's precision."""
    kind = config.training.precision.kind
    if kind == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16 if kind == "bfloat16" else torch.float16)


def outputs_of(model: Callable[[Tensor], object], inputs: Tensor) -> Tensor:
    """Return what a model says of a batch; raises UserCodeError where that isn't one tensor."""
    outputs = model(inputs)
    if isinstance(outputs, Tensor):
        return outputs
    raise UserCodeError(
        f"the model returned an object of type {type(outputs).__name__}; its forward must return one tensor,"
        " the outputs of the batch [N, …]"
    )
