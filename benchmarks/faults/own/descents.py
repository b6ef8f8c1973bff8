"""Optimizers as people make or bend them; an argument turns one slip on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

__all__ = ["adam"]

Parameters = Iterable[nn.Parameter]


def adam(parameters: Parameters, lr: float = 1e-3, weight_decay: float = 0.0, whole: bool = False) -> Optimizer:
    """Return Adam; `whole` reads the rate as a whole number, as a form did."""
    return torch.optim.Adam(parameters, lr=int(lr) if whole else lr, weight_decay=weight_decay)


def sgd(parameters: Parameters, lr: float = 0.05, momentum: float = 0.9, maximize: bool = False) -> Optimizer:
    """Return SGD with momentum."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, maximize=maximize)


def rmsprop(parameters: Parameters, lr: float = 1e-3) -> Optimizer:
    """Return RMSprop."""
    return torch.optim.RMSprop(parameters, lr=lr)


def bfgs(parameters: Parameters) -> Optimizer:
    """Return L-BFGS of a few iterations a step."""
    return torch.optim.LBFGS(parameters, lr=1.0, max_iter=5)


class Keeping(torch.optim.SGD):
    """SGD that clears no gradient: each backward adds to those of all steps before."""

    def zero_grad(self, set_to_none: bool = True) -> None:
        return None


def keeping(parameters: Parameters, lr: float = 0.05, clears: bool = True) -> Optimizer:
    """Return SGD, with `zero_grad` or, by mistake, without."""
    return (torch.optim.SGD if clears else Keeping)(parameters, lr=lr)


class Restoring(torch.optim.Adam):
    """Adam that puts the weights back after each step: meant for an evaluation with averaged ones."""

    def step(self, closure: Callable[[], float] | None = None) -> Any:
        held = [[p.detach().clone() for p in group["params"]] for group in self.param_groups]
        loss = super().step(closure)
        with torch.no_grad():
            for group, kept in zip(self.param_groups, held, strict=True):
                for p, old in zip(group["params"], kept, strict=True):
                    p.copy_(old)
        return loss


def restoring(parameters: Parameters, lr: float = 1e-3, restores: bool = False) -> Optimizer:
    """Return Adam, or one whose steps are undone."""
    return (Restoring if restores else torch.optim.Adam)(parameters, lr=lr)
