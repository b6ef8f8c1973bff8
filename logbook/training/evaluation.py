"""A split in evaluation mode: outputs, loss, metrics in original units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from logbook.training.data import Split
from logbook.training.data.batches import Batch, split_batches
from logbook.training.metrics import Metric
from logbook.training.parts import Parts, autocast, outputs_of

__all__ = ["Evaluated", "EvaluationStopped", "evaluate", "evaluate_batches", "measure"]

_BATCH = 1024
"""Rows a forward pass: without gradients there is room, and fewer, larger passes are quicker."""


@dataclass(frozen=True)
class Evaluated:
    """A split as the network sees it: `outputs` and `targets` on the device, `[N, …]`."""

    outputs: Tensor
    targets: Tensor
    loss: float


class EvaluationStopped(BaseException):
    """A stop was asked for between two batches. No Exception: nobody is to take it for one of the person's code."""


def evaluate(parts: Parts, split: Split, *, should_stop: Callable[[], bool]) -> Evaluated:
    """Return the outputs and the loss, a mean over all rows, of a whole split.

    Raises EvaluationStopped as soon as `should_stop` says so between two batches.
    """
    batch = parts.config.training.batch_size
    size = _BATCH if batch == "all" else max(_BATCH, batch)
    return evaluate_batches(parts, split_batches(split, size, device=parts.device), should_stop=should_stop)


@torch.no_grad()
def evaluate_batches(parts: Parts, batches: Iterator[Batch], *, should_stop: Callable[[], bool]) -> Evaluated:
    """Return outputs, targets and loss over batches; the model is left in evaluation mode."""
    model = parts.evaluated
    model.eval()
    outputs, targets = [], []
    for inputs, wanted in batches:
        if should_stop():
            raise EvaluationStopped
        with autocast(parts.config, parts.device):
            outputs.append(outputs_of(model, inputs).float())
        targets.append(wanted)
    if should_stop():
        raise EvaluationStopped
    all_outputs, all_targets = torch.cat(outputs), torch.cat(targets)
    return Evaluated(all_outputs, all_targets, float(parts.loss(all_outputs, all_targets)))


def measure(metrics: tuple[Metric, ...], evaluated: Evaluated) -> dict[str, float]:
    """Return each metric's value by name."""
    return {metric.name: float(metric(evaluated.outputs, evaluated.targets)) for metric in metrics}
