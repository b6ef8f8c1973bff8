"""The same rows in training mode and in evaluation mode: dropout and batch normalization behave differently there."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from logbook.training.data.batches import Batch
from logbook.training.parts import Parts, autocast, outputs_of
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng

__all__ = ["losses_by_mode"]


@torch.no_grad()
def losses_by_mode(parts: Parts, rows: Batch) -> tuple[float, float] | None:
    """Return the losses in training mode and in evaluation mode, of the same batches with the weights as they are.

    Batches are as large as in training, since batch normalization takes its statistics from them; None where the
    rows don't fill one. Buffers, flags and random states are as before.
    """
    batches = _batches(parts, rows)
    if not batches:
        return None
    with untouched(parts.model, parts.device), isolated_rng(0):
        in_training = _loss(parts, parts.model.train(), batches)
        in_evaluation = _loss(parts, parts.model.eval(), batches)
    return (in_training, in_evaluation) if math.isfinite(in_training) and math.isfinite(in_evaluation) else None


def _batches(parts: Parts, rows: Batch) -> list[Batch]:
    inputs, targets = rows
    batch = parts.config.training.batch_size
    size = len(targets) if batch == "all" else min(batch, len(targets))
    starts = range(0, len(targets) - size + 1, size) if size else ()
    return [(inputs[start : start + size], targets[start : start + size]) for start in starts]


def _loss(parts: Parts, model: nn.Module, batches: list[Batch]) -> float:
    losses: list[Tensor] = []
    for inputs, targets in batches:
        with autocast(parts.config, parts.device):
            outputs = outputs_of(model, inputs).float()
        losses.append(parts.loss(outputs, targets).float())
    return float(torch.stack(losses).mean())
