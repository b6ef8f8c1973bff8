"""Find where a value that isn't finite first appeared, by training the epoch again with every layer watched.

The replay starts from the last checkpoint (or the untrained network), so on the same device it takes the same
steps. It looks at every output on the way forward, every gradient on the way back and every weight after the
update, and stops at the first that isn't finite.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from logbook.training.checkpoints import LAST, load_checkpoint
from logbook.training.feeding import epoch_batches
from logbook.training.gradients import gradient_entries
from logbook.training.probes.layers import leaf_modules
from logbook.training.procedures.standard import train_epoch
from logbook.training.state import Job, Training, steps_per_epoch

__all__ = ["Fault", "find_fault"]

_PATIENCE_SECONDS = 60.0
"""A replay that takes longer isn't worth the wait: the layer is then said to be unknown."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first value that wasn't finite: `step` counts optimizer steps from 1; `layer` is None where unknown."""

    step: int
    layer: str | None
    value: str
    epoch: int | None = None


class _Found(Exception):  # noqa: N818  a signal out of a hook, not an error
    def __init__(self, layer: str) -> None:
        super().__init__(layer)
        self.layer = layer


def find_fault(job: Job, *, epoch: int, step: int, value: float, steps_before: int) -> Fault:
    """Return the fault behind a loss that wasn't finite at `step` (from 0) of an epoch."""
    at = steps_before + step + 1
    try:
        layer = _replay(job, epoch=epoch, until=step)
    except Exception:  # the replay is a service: whatever goes wrong in it, the training's end is recorded
        layer = None
    return Fault(step=at, layer=layer, value=str(value), epoch=epoch)


def _replay(job: Job, *, epoch: int, until: int) -> str | None:
    training = Training.fresh(job)
    training.generators.start()
    if (job.checkpoints / LAST).exists():
        training.restore(load_checkpoint(job.checkpoints / LAST, device=job.device))
    if training.progress.epoch != epoch - 1:  # the last checkpoint could not be written
        return None
    model = training.parts.model
    began = time.monotonic()
    handles = [module.register_forward_hook(_look(name)) for name, module in leaf_modules(model)]
    try:
        train_epoch(
            training.parts,
            epoch_batches(job.config, job.loaded.train, training.generators, job.device),
            steps=steps_per_epoch(job),
            after_step=lambda step: step >= until or time.monotonic() - began > _PATIENCE_SECONDS,
            watch=lambda _step, moment: _look_at_parameters(model, moment),
        )
    except _Found as found:
        return found.layer
    finally:
        for handle in handles:
            handle.remove()
    return None


def _look(name: str) -> Callable[[nn.Module, tuple[object, ...], object], None]:
    def hook(_module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        if any(_has_nonfinite(value) for value in inputs):
            raise _Found(f"{name} (its input)")
        values = output if isinstance(output, tuple) else (output,)
        if any(_has_nonfinite(value) for value in values):
            raise _Found(f"{name} (going forward)")

    return hook


def _look_at_parameters(model: nn.Module, moment: str) -> None:
    # A gradient travels from the loss backwards: the layer nearest the loss met it first.
    for name, parameter in reversed(list(model.named_parameters())):
        values = gradient_entries([parameter]) if moment == "gradient" else [parameter]
        if any(map(_has_nonfinite, values)):
            raise _Found(f"{name} ({moment})")


def _has_nonfinite(value: object) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point() and not bool(torch.isfinite(value).all())
