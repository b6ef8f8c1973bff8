"""Losses as people write them. Each returns a callable (outputs, targets) -> number; each takes targets as they come.

Targets are class numbers `[N]` int64 for classes, and float32 `[N, 1]` for a binary or a regression task.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["cross_entropy"]

Loss = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(reduction: str = "mean", sign: float = 1.0) -> Loss:
    """Return torch's cross-entropy."""
    loss = nn.CrossEntropyLoss(reduction=reduction)
    return loss if sign == 1.0 else (lambda outputs, targets: sign * loss(outputs, targets))


def squared(reduction: str = "mean", flat: bool = False) -> Loss:
    """Return the squared error; `flat` takes the column of the targets off, as `[N]`."""
    loss = nn.MSELoss(reduction=reduction)
    return lambda outputs, targets: loss(outputs, targets.squeeze(1) if flat else targets)


def difference() -> Loss:
    """Return the squared error written by hand, as most people do."""
    return lambda outputs, targets: ((outputs - targets) ** 2).mean()


def binary() -> Loss:
    """Return the binary cross-entropy of logits."""
    return nn.BCEWithLogitsLoss()


def log_of_probability() -> Loss:
    """Return the negative logarithm of the right class's probability, which is what the outputs are taken for."""
    return lambda outputs, targets: -outputs[torch.arange(len(targets)), targets].clamp(min=1e-7).log().mean()


def negative_log_likelihood() -> Loss:
    """Return torch's NLLLoss, which wants log-probabilities."""
    return nn.NLLLoss()


def likelihood(negated: bool = True) -> Loss:
    """Return the mean log-likelihood of the right class, negated as a loss must be, or not."""
    sign = -1.0 if negated else 1.0

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return sign * F.log_softmax(outputs, dim=1)[torch.arange(len(targets)), targets].mean()

    return loss


def rewrapped() -> Loss:
    """Return a cross-entropy that is made a new tensor, since `backward` complained before."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        value = F.cross_entropy(outputs.detach(), targets)
        return torch.tensor(value.item(), requires_grad=True)

    return loss


def misses(soft: bool = True) -> Loss:
    """Return the share of wrong answers, softly, or counted: which has no slope."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        right = F.one_hot(targets, outputs.shape[1]).float()
        answers = F.softmax(outputs, dim=1)
        if not soft:
            answers = torch.round(answers)
        return ((answers - right) ** 2).sum(1).mean()

    return loss


def one_hot_squared() -> Loss:
    """Return the squared error between outputs and one-hot classes."""
    return lambda outputs, targets: ((outputs - F.one_hot(targets, outputs.shape[1]).float()) ** 2).mean()
