"""Find where a value that isn't finite first appeared, by training the epoch again with every layer watched.

The replay starts from the last checkpoint (or the untrained network), so on the same device it takes the same
steps. It looks at every output on the way forward, every gradient on the way back and every weight after the
update, and stops at the first that isn't finite.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from logbook.training.checkpoints import LAST, load_checkpoint
from logbook.training.gradients import gradient_entries
from logbook.training.probes.layers import leaf_modules
from logbook.training.procedures.standard import train_epoch
from logbook.training.state import Job, Training

__all__ = ["Fault", "find_fault"]

_PATIENCE_SECONDS = 60.0
"""A replay that takes longer isn't worth the wait: the layer is then said to be unknown."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first value that wasn't finite, and of `what`: the loss, the weights after a step, or the validation loss.

    A gradient counts where it wasn't finite however little float16's loss was scaled.

    `step` counts optimizer steps from 1; it is None for a validation loss. `layer` is None where unknown.
    """

    what: Literal["loss", "gradient", "weights", "validation loss"] = "loss"
    value: str
    epoch: int
    step: int | None = None
    layer: str | None = None


class _Found(Exception):  # noqa: N818  a signal out of a hook, not an error
    def __init__(self, layer: str) -> None:
        super().__init__(layer)
        self.layer = layer
        self.step = 0


def find_fault(job: Job, seen: Fault, *, steps_before: int, should_stop: Callable[[], bool]) -> Fault:
    """Return the fault behind what was seen at `seen.step`, which counts from 0 and in its epoch, with its layer.

    Of lost weights that no loss betrayed, the step is found too. `should_stop` is asked after each step.
    """
    step = seen.step or 0
    try:
        found = _replay(job, epoch=seen.epoch, until=step, should_stop=should_stop)
    except Exception:  # the replay is a service: whatever goes wrong in it, the training's end is recorded
        found = None
    if found is not None and seen.what == "weights":
        step = found.step
    return replace(seen, step=steps_before + step + 1, layer=found.layer if found else None)


def _replay(job: Job, *, epoch: int, until: int, should_stop: Callable[[], bool]) -> _Found | None:
    training = Training.fresh(job)
    training.generators.start()
    if (job.checkpoints / LAST).exists():
        training.restore(load_checkpoint(job.checkpoints / LAST, device=job.device))
    if training.progress.epoch != epoch - 1:  # the last checkpoint could not be written
        return None
    model = training.parts.model
    began, done = time.monotonic(), 0

    def after_step(step: int) -> bool:
        nonlocal done
        done = step + 1
        return step >= until or should_stop() or time.monotonic() - began > _PATIENCE_SECONDS

    handles = [module.register_forward_hook(_look(name)) for name, module in leaf_modules(model)]
    try:
        train_epoch(
            # A translation calls no hooks.
            replace(training.parts, forward=None),
            training.batches(),
            steps=training.course.steps_of(epoch - 1),
            after_step=after_step,
            watch=lambda _step, moment: _look_at_parameters(model, moment),
        )
    except _Found as found:
        found.step = done
        return found
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
