"""Find where a value that isn't finite first appeared, by training the epoch again with every layer watched.

The replay starts from the last checkpoint (or the untrained network), so on the same device it takes the same
steps. It looks at every output on the way forward, every gradient on the way back and every weight after the
update, and stops at the first that isn't finite.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal

import torch
from torch import Tensor, nn

from logbook.training.checkpoints import LAST, load_checkpoint
from logbook.training.gradients import gradient_entries
from logbook.training.probes.extremes import Extremes, extreme_rows
from logbook.training.probes.layers import leaf_modules
from logbook.training.probes.untouched import untouched
from logbook.training.procedures.choice import train_one_epoch
from logbook.training.state import Job, Training

__all__ = ["Fault", "find_fault"]

_PATIENCE_SECONDS = 60.0
"""A replay that takes longer isn't worth the wait: the layer is then said to be unknown."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first value that wasn't finite, and of `what`: the loss, the weights after a step, or the validation loss.

    A gradient counts where it wasn't finite however little float16's loss was scaled.

    `step` counts optimizer steps from 1; it is None for a validation loss. `layer` is None where unknown.
    `update_ratio` is the median over the epoch's steps so far of the norm of the update over that of the weights, and
    `extremes` the training rows that stand out with the weights that the epoch began with.
    """

    what: Literal["loss", "gradient", "weights", "validation loss"] = "loss"
    value: str
    epoch: int
    step: int | None = None
    layer: str | None = None
    update_ratio: float | None = None
    extremes: Extremes | None = None


class _Found(Exception):  # noqa: N818  a signal out of a hook, not an error
    def __init__(self, layer: str) -> None:
        super().__init__(layer)
        self.layer = layer


def find_fault(job: Job, seen: Fault, *, steps_before: int, should_stop: Callable[[], bool]) -> Fault:
    """Return the fault behind what was seen at `seen.step`, which counts from 0 and in its epoch, with its layer.

    Of lost weights that no loss betrayed, the step is found too. `should_stop` is asked after each step.
    """
    step = seen.step or 0
    replayed = _Replay()
    try:
        _replay(job, replayed, epoch=seen.epoch, until=step, should_stop=should_stop)
    except Exception:  # the replay is a service: whatever goes wrong in it, the training's end is recorded
        replayed.layer = None
    if replayed.layer is not None and seen.what == "weights":
        step = replayed.step
    return replace(
        seen,
        step=steps_before + step + 1,
        layer=replayed.layer,
        update_ratio=median(replayed.ratios) if replayed.ratios else None,
        extremes=replayed.extremes,
    )


@dataclass
class _Replay:
    """What a replay has seen so far."""

    layer: str | None = None
    step: int = 0
    ratios: list[float] = field(default_factory=list)
    extremes: Extremes | None = None


def _replay(job: Job, seen: _Replay, *, epoch: int, until: int, should_stop: Callable[[], bool]) -> None:
    training = Training.fresh(job)
    training.generators.start()
    if (job.checkpoints / LAST).exists():
        training.restore(load_checkpoint(job.checkpoints / LAST, device=job.device))
    is_before = training.pretraining is not None and not training.pretraining.is_over
    if is_before or training.progress.epoch != epoch - 1:  # the last checkpoint could not be written
        return
    model = training.parts.model
    with suppress(Exception), untouched(model, job.device):  # rows that can't be told apart are no reason to stop
        seen.extremes = extreme_rows(training.parts, job.loaded.train)
    began, moved = time.monotonic(), _Moved(model)

    def after_step(step: int) -> bool:
        seen.step = step + 1
        return step >= until or should_stop() or time.monotonic() - began > _PATIENCE_SECONDS

    handles = [module.register_forward_hook(_look(name)) for name, module in leaf_modules(model)]
    try:
        # A translation calls no hooks.
        training.parts = replace(training.parts, forward=None)

        def watch(_step: int, moment: str) -> None:
            if moment == "weight" and (ratio := moved.ratio()) is not None:
                seen.ratios.append(ratio)
            _look_at_parameters(model, moment)

        train_one_epoch(training, after_step=after_step, watch=watch)
    except _Found as found:
        seen.layer = found.layer
    finally:
        for handle in handles:
            handle.remove()


class _Moved:
    """How far each step moves the trainable weights, beside their own size."""

    def __init__(self, model: nn.Module) -> None:
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._before = [parameter.detach().clone() for parameter in self._parameters]

    @torch.no_grad()
    def ratio(self) -> float | None:
        """Return the norm of the update since the last call over the norm before it; None where not finite."""
        now = [parameter.detach().clone() for parameter in self._parameters]
        moved = _norm([after - before for before, after in zip(self._before, now, strict=True)])
        size, self._before = _norm(self._before), now
        ratio = moved / size if size > 0 else math.nan
        return ratio if math.isfinite(ratio) else None


def _norm(tensors: list[Tensor]) -> float:
    return float(torch.stack([tensor.double().norm() for tensor in tensors]).norm()) if tensors else 0.0


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
