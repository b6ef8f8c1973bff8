"""Losses and optimizers as people put them together for toy problems; an argument turns one slip on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["binary"]

Loss = Callable[[Tensor, Tensor], Tensor]


def binary(sign: float = 1.0) -> Loss:
    """Return torch's BCELoss, of probabilities."""
    loss = nn.BCELoss()
    return lambda outputs, targets: sign * loss(outputs, targets)


def by_hand() -> Loss:
    """Return binary cross-entropy written out, with a small number for the logarithm's sake."""

    def loss(p: Tensor, y: Tensor) -> Tensor:
        return -(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)).mean()

    return loss


def logits() -> Loss:
    """Return binary cross-entropy of raw outputs."""
    return nn.BCEWithLogitsLoss()


def one_column() -> Loss:
    """Return cross-entropy, which takes one column of floats for the probabilities of one class."""
    loss = nn.CrossEntropyLoss()
    return lambda outputs, targets: loss(outputs, targets.float().view(len(outputs), -1))


def classes(detached: bool = False) -> Loss:
    """Return cross-entropy; `detached` asks for a gradient that the loss has no way to."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        value = F.cross_entropy(outputs, targets)
        return value.detach().requires_grad_() if detached else value

    return loss


def squares(kind: str = "mean") -> Loss:
    """Return the squared error: its mean or its sum."""
    if kind == "sum":
        return lambda outputs, targets: torch.sum((outputs - targets) ** 2)
    return lambda outputs, targets: torch.mean((outputs - targets) ** 2)


def of_row(told: bool = True) -> Loss:
    """Return the squared error for outputs `[N]`; `told` takes the targets' column off."""
    loss = nn.MSELoss()
    return lambda outputs, targets: loss(outputs, targets.squeeze(-1) if told else targets)


def numbered() -> Loss:
    """Return the squared error between one output and the number of the class."""
    return lambda outputs, targets: F.mse_loss(outputs.squeeze(-1), targets.float())


def one_hot(kind: str = "mse") -> Loss:
    """Return mse, or binary cross-entropy of each class by itself, against one-hot rows."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        wanted = F.one_hot(targets.long(), outputs.shape[1]).float()
        return F.mse_loss(outputs, wanted) if kind == "mse" else F.binary_cross_entropy_with_logits(outputs, wanted)

    return loss


def answers(soft: bool = True) -> Loss:
    """Return the mean distance between the class that is said and the right one; `soft` weighs by probability."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        if soft:
            return F.cross_entropy(outputs, targets)
        said = outputs.argmax(1).float().requires_grad_()
        return F.l1_loss(said, targets.float())

    return loss


def sgd(parameters: Iterable[nn.Parameter], lr: float = 0.1, momentum: float = 0.0) -> torch.optim.Optimizer:
    """Return plain descent."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def adam(parameters: Iterable[nn.Parameter], lr: float = 0.01, other: bool = False) -> torch.optim.Optimizer:
    """Return Adam; of `other`, over the parameters of a network that was made for a first try and thrown away."""
    chosen = list(parameters)
    return torch.optim.Adam([copy.deepcopy(p) for p in chosen] if other else chosen, lr=lr)
