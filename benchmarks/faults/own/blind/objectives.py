"""Losses and optimizers as people write them: callables that return callables, or a torch optimizer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = [
    "Loss",
    "accuracy_loss",
    "binary_loss",
    "categorical_over_columns",
    "class_loss",
    "cosine_loss",
    "label_distance",
    "margin_loss",
    "sgd",
    "sgd_of_the_last",
    "squared",
]

Loss = Callable[[Tensor, Tensor], Tensor]


def class_loss() -> Loss:
    """Torch's cross-entropy."""
    return nn.CrossEntropyLoss()


def binary_loss(form: str = "logits") -> Loss:
    """Binary cross-entropy of logits; of probabilities; `clamped` as Keras does it; or by the formula, `written`."""

    def clamped(outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.binary_cross_entropy(outputs.clamp(1e-7, 1 - 1e-7), targets)

    def written(outputs: Tensor, targets: Tensor) -> Tensor:
        first = targets * torch.log(outputs + 1e-8)
        return -(first + (1 - targets) * torch.log(1 - outputs + 1e-8)).mean()

    forms: dict[str, Loss] = {
        "logits": nn.BCEWithLogitsLoss(),
        "probabilities": nn.BCELoss(),
        "clamped": clamped,
        "written": written,
    }
    return forms[form]


def accuracy_loss(differentiable: bool = True) -> Loss:
    """Cross-entropy, or the share of wrong answers made to look as though it had a gradient."""

    def wrong_share(outputs: Tensor, targets: Tensor) -> Tensor:
        wrong = (outputs.argmax(1) != targets).float().mean()
        return wrong.clone().detach().requires_grad_(True)

    return nn.CrossEntropyLoss() if differentiable else wrong_share


def squared(flatten: str = "both", reduction: str = "mean") -> Loss:
    """Squared error; `flatten` says which side loses its column of one."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        if flatten == "both":
            outputs, targets = outputs.reshape(targets.shape), targets
        elif flatten == "outputs":
            outputs = outputs.squeeze(-1)
        errors = (outputs - targets) ** 2
        return errors.sum() if reduction == "sum" else errors.mean()

    return loss


def cosine_loss(sign: float = -1.0) -> Loss:
    """One less the cosine of the angle; with sign 1, Keras's older convention, one more the cosine."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return (1 + sign * functional.cosine_similarity(outputs, targets, dim=1)).mean()

    return loss


def categorical_over_columns() -> Loss:
    """Cross-entropy against targets of the outputs' shape, a softmax over the columns: meant for one-hot targets."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return -(targets * functional.log_softmax(outputs, dim=1)).sum(1).mean()

    return loss


def margin_loss(recode: bool = True) -> Loss:
    """The soft margin loss, which wants labels -1 and 1; without recoding it gets 0 and 1."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.soft_margin_loss(outputs, 2 * targets - 1 if recode else targets)

    return loss


def label_distance() -> Loss:
    """The squared distance of the one output from the class's number."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.mse_loss(outputs[:, 0], targets.float())

    return loss


def sgd(
    parameters: Iterable[nn.Parameter], lr: float = 0.05, momentum: float = 0.9, decay: float = 0.0
) -> torch.optim.Optimizer:
    """Torch's SGD, of whatever can be trained."""
    return torch.optim.SGD([p for p in parameters if p.requires_grad], lr=lr, momentum=momentum, weight_decay=decay)


def sgd_of_the_last(parameters: Iterable[nn.Parameter], lr: float = 0.05, last: int = 0) -> torch.optim.Optimizer:
    """SGD of the last few parameters; 0 is all of them."""
    return torch.optim.SGD(list(parameters)[-last:], lr=lr, momentum=0.9)
