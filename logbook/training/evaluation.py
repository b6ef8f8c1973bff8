"""A split in evaluation mode: outputs, loss, metrics in original units."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from logbook.training.data import Split
from logbook.training.data.batches import Batch, split_batches
from logbook.training.metrics import Metric
from logbook.training.parts import Parts, autocast, outputs_of
from logbook.training.token_scores import counted_tokens, rows_of_tokens, scores_of

if TYPE_CHECKING:
    from logbook.training.trainer import Sink

__all__ = ["Evaluated", "EvaluationStopped", "evaluate", "evaluate_batches", "measure", "stoppable"]

_BATCH = 1024
"""Rows a forward pass: without gradients there is room, and fewer, larger passes are quicker."""


@dataclass(frozen=True)
class Evaluated:
    """A split as the network sees it: `outputs` and `targets` on the device, `[N, …]`.

    Of a language model `outputs` are its scores, [N, L, 2] (`token_scores.py`).
    """

    outputs: Tensor
    targets: Tensor
    loss: float


class EvaluationStopped(BaseException):
    """A stop was asked for while something was measured. No Exception: it isn't one of the person's code."""


@contextmanager
def stoppable(sink: Sink) -> Iterator[None]:
    """Measure in the block, which a stop may break off anywhere; raises EvaluationStopped where one is asked for.

    One pass, or one probe of a large network, may take longer than a person who stops a run is to wait.
    """
    try:
        with sink.breakable():
            yield
    except KeyboardInterrupt:
        if sink.should_stop():
            raise EvaluationStopped from None
        raise
    if sink.should_stop():  # the person's code may have caught it, and returned something else
        raise EvaluationStopped


def evaluate(parts: Parts, split: Split, *, should_stop: Callable[[], bool]) -> Evaluated:
    """Return the outputs and the loss, a mean over all rows, of a whole split.

    Raises EvaluationStopped as soon as `should_stop` says so between two batches.
    """
    batch = parts.config.training.batch_size
    size = _BATCH if batch == "all" else max(_BATCH, batch)
    if parts.config.task == "language-model":
        size = rows_of_tokens(split, _BATCH if batch == "all" else batch)
    return evaluate_batches(parts, split_batches(split, size, device=parts.device), should_stop=should_stop)


@torch.no_grad()
def evaluate_batches(parts: Parts, batches: Iterator[Batch], *, should_stop: Callable[[], bool]) -> Evaluated:
    """Return outputs, targets and loss over batches; the model is left in evaluation mode."""
    model = parts.evaluated
    model.eval()
    if parts.config.task == "language-model":
        return _evaluate_tokens(parts, batches, should_stop)
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


def _evaluate_tokens(parts: Parts, batches: Iterator[Batch], should_stop: Callable[[], bool]) -> Evaluated:
    """Return scores, targets and the loss, a mean over all counted tokens, batch by batch."""
    scores, targets, losses, counts = [], [], [], []
    for inputs, wanted in batches:
        if should_stop():
            raise EvaluationStopped
        with autocast(parts.config, parts.device):
            outputs = outputs_of(parts.evaluated, inputs).float()
        losses.append(parts.loss(outputs, wanted).float())
        counts.append(counted_tokens(wanted))
        scores.append(scores_of(outputs, wanted))
        targets.append(wanted)
    if should_stop():
        raise EvaluationStopped
    weights = torch.stack(counts).tolist()
    total = math.fsum(loss * weight for loss, weight in zip(torch.stack(losses).tolist(), weights, strict=True))
    return Evaluated(torch.cat(scores), torch.cat(targets), total / sum(weights) if sum(weights) else math.nan)


def measure(metrics: tuple[Metric, ...], evaluated: Evaluated) -> dict[str, float]:
    """Return each metric's value by name."""
    return {metric.name: float(metric(evaluated.outputs, evaluated.targets)) for metric in metrics}
