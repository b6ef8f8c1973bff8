"""One optimizer step: the loss of one batch or of several, the way back, and what the numbers of it are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import torch
from torch import Tensor

from logbook.training.data.batches import Batch
from logbook.training.parts import Parts, autocast, outputs_of
from logbook.training.procedures.steps import StepLog

__all__ = ["Group", "backward", "group_batches"]

Group = Sequence[Batch]
"""The batches of one step: one, or as many as `gradients.accumulation` says."""


def group_batches(batches: Iterator[Batch], *, accumulation: int, updates: int) -> Iterator[Group]:
    """Yield the batches of each step; the last group may have fewer, and each comes `updates` times in a row."""
    while group := tuple(islice(batches, accumulation)):
        for _ in range(updates):
            yield group


def backward(parts: Parts, group: Group, log: StepLog | None = None) -> Tensor | None:
    """Add the gradient of a step's loss to the parameters, and return the loss with its penalty.

    The losses of several batches are averaged by what each is a mean over, so that they make the mean over all. Where
    `log` finds a loss that isn't finite, None is returned; of a single batch there is then no gradient.
    """
    if len(group) > 1:
        return _backward_of_many(parts, group, log)
    ((inputs, targets),) = group
    loss = _loss(parts, inputs, targets)
    penalty = parts.penalty(parts.model) if parts.penalty is not None else None
    if log is not None:
        log.put(loss, penalty, _count(parts)(targets))
        if log.sees_nonfinite():
            return None
    total = loss if penalty is None else loss + penalty
    _send_back(parts, total)
    return total.detach()


def _backward_of_many(parts: Parts, group: Group, log: StepLog | None) -> Tensor | None:
    counts = [_count(parts)(targets) for _, targets in group]
    whole = sum(counts)
    mean: Tensor = torch.zeros((), device=parts.device)
    for (inputs, targets), count in zip(group, counts, strict=True):
        share = _loss(parts, inputs, targets) * (count / whole)
        _send_back(parts, share)
        mean = mean + share.detach()
    penalty = parts.penalty(parts.model) if parts.penalty is not None else None
    if penalty is not None:
        _send_back(parts, penalty)
    if log is not None:
        log.put(mean, penalty, whole)
        if log.sees_nonfinite():
            return None
    return mean if penalty is None else mean + penalty.detach()


def _loss(parts: Parts, inputs: Tensor, targets: Tensor) -> Tensor:
    with autocast(parts.config, parts.device):
        return parts.loss(outputs_of(parts.forward or parts.model, inputs), targets)


def _send_back(parts: Parts, loss: Tensor) -> None:
    torch.autograd.backward(loss if parts.scaler is None else parts.scaler.scale(loss))


def _count(parts: Parts) -> Callable[[Tensor], Tensor | int]:
    return getattr(parts.loss, "count", len)
