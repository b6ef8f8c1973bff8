"""Minibatches, one optimizer step each.

Nothing in a step waits for the device: losses and gradient norms go into vectors that live there (`steps.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from logbook.training.data.batches import Batch
from logbook.training.gradients import clip_gradients, gradient_norm
from logbook.training.parts import Parts, autocast, outputs_of, weight_of
from logbook.training.probes.layers import LayerProbe
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
    forward: Callable[[nn.Module, Tensor], Tensor] = outputs_of,
) -> EpochSteps:
    """Train one epoch of `steps` batches and return how it went.

    `after_step(step)` is called after each and says whether to stop. `probe` measures at the last step.
    `watch(step, moment)` is called after each backward pass and each update, for replays. `forward(model, inputs)`
    makes the outputs of a batch.
    """
    parts.model.train()
    trained = parts.trained
    record = StepLog(parts.device)
    stopped = False
    for step, (inputs, targets) in enumerate(batches):
        parts.optimizer.zero_grad(set_to_none=True)
        with autocast(parts.config, parts.device):
            loss = parts.loss(forward(parts.model, inputs), targets)
        penalty = parts.penalty(parts.model) if parts.penalty is not None else None
        record.put(loss, penalty, weight_of(parts.config, targets))
        if record.sees_nonfinite():
            break
        torch.autograd.backward(loss if penalty is None else loss + penalty)
        norm = gradient_norm(trained)
        record.put_step(_rate(parts.optimizer), norm, clip_gradients(parts.config.gradients.clip, trained, norm))
        measures = probe is not None and step == steps - 1
        if probe is not None and measures:
            probe.before_update()
        if watch is not None:
            watch(step, "gradient")
        parts.optimizer.step()
        if probe is not None and measures:
            probe.after_update()
        if watch is not None:
            watch(step, "weight")
        parts.schedule.step()
        if after_step(step):
            stopped = step < steps - 1
            break
    return record.read(stopped=stopped)


def _rate(optimizer: torch.optim.Optimizer) -> float:
    """Return the learning rate of the first group; NaN where a person's optimizer has none by that name."""
    return float(optimizer.param_groups[0].get("lr", math.nan))
