"""Minibatches, one optimizer step each, or several.

Nothing in a step waits for the device: losses and gradient norms go into vectors that live there (`steps.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice

import torch

from logbook.training.data.batches import Batch
from logbook.training.gradients import GradientShaper, gradient_norm
from logbook.training.optimizers import needs_closure
from logbook.training.parts import Parts
from logbook.training.probes.layers import LayerProbe
from logbook.training.procedures.closures import Closure
from logbook.training.procedures.objectives import Objective
from logbook.training.procedures.stepping import Group, backward, group_batches
from logbook.training.procedures.steps import EpochSteps, StepLog

__all__ = ["train_epoch"]


def train_epoch(
    parts: Parts,
    batches: Iterator[Batch],
    *,
    steps: int,
    after_step: Callable[[int], bool],
    probe: LayerProbe | None = None,
    watch: Callable[[int, str], None] | None = None,
    objective: Objective,
) -> EpochSteps:
    """Train one epoch of at most `steps` optimizer steps and return how it went.

    `after_step(step)` is called after each and says whether to stop. `probe` measures at the steps that it names.
    `watch(step, moment)` is called after each backward pass and each update, for replays. `objective`
    says what a batch is worth.
    """
    parts.model.train()
    stepper = _Stepper(parts, objective, probe, watch)
    training, gradients = parts.config.training, parts.config.gradients
    groups = group_batches(batches, accumulation=gradients.accumulation, updates=training.updates_per_batch)
    stopped = False
    for step, group in enumerate(islice(groups, steps)):
        if not stepper.step(step, group, is_sampled=probe is not None and probe.samples(step, steps)):
            break
        parts.schedule.step()
        if after_step(step):
            stopped = step < steps - 1
            break
    return stepper.log.read(stopped=stopped)


class _Stepper:
    """Makes the steps of one epoch, and logs them."""

    def __init__(
        self,
        parts: Parts,
        objective: Objective,
        probe: LayerProbe | None,
        watch: Callable[[int, str], None] | None,
    ) -> None:
        self.log = StepLog(parts.device)
        self._parts, self._probe, self._watch = parts, probe, watch
        self._trained = parts.trained
        self._objective = objective
        self._shaper = GradientShaper(parts.config.gradients, parts.model, self._trained)
        self._evaluates = needs_closure(parts.optimizer)

    def step(self, step: int, group: Group, *, is_sampled: bool) -> bool:
        """Make a step; return whether its loss was finite, as far as that is known already."""
        parts, watch = self._parts, self._watch
        parts.optimizer.zero_grad(set_to_none=True)
        if is_sampled and self._probe is not None:
            self._probe.after_clearing()
        closure = Closure(parts, group, self._objective) if self._evaluates else None
        loss = backward(parts, group, self._objective, self.log)
        if loss is None:
            return False
        if parts.scaler is not None:
            parts.scaler.unscale_(parts.optimizer)
        norm = gradient_norm(self._trained)
        self.log.put_step(_rate(parts.optimizer), norm, self._shaper.shape(norm))
        probe = self._probe if is_sampled else None
        if probe is not None:
            probe.before_update()
        # A gradient that overflowed in float16 is no fault: the scaler skips the step.
        if watch is not None and parts.scaler is None:
            watch(step, "gradient")
        self._update(None if closure is None else closure.began(loss))
        if probe is not None:
            probe.after_update()
        if watch is not None:
            watch(step, "weight")
        return True

    def _update(self, closure: Callable[[], torch.Tensor] | None) -> None:
        parts = self._parts
        if parts.scaler is not None:
            parts.scaler.step(parts.optimizer)
            parts.scaler.update()
        elif closure is not None:
            parts.optimizer.step(closure)  # type: ignore[arg-type]
        else:
            parts.optimizer.step()
        if parts.average is not None:
            parts.average.update_parameters(parts.model)


def _rate(optimizer: torch.optim.Optimizer) -> float:
    """Return the learning rate of the first group; NaN where a person's optimizer has none by that name."""
    return float(optimizer.param_groups[0].get("lr", math.nan))
