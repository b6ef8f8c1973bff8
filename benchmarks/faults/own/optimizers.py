"""Optimizers as people make them: `parameters` are those of the network, each in its order."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import Optimizer

__all__ = ["adam"]


def adam(
    parameters: Iterable[nn.Parameter],
    lr: float = 1e-3,
    only_last: int = 0,
    copied: bool = False,
    maximize: bool = False,
    weight_decay: float = 0.0,
) -> Optimizer:
    """Return Adam over all parameters, the last ones only, or copies of them (a model made anew afterwards)."""
    chosen = list(parameters)
    if only_last:
        chosen = chosen[-only_last:]
    if copied:
        chosen = [copy.deepcopy(parameter) for parameter in chosen]
    return torch.optim.Adam(chosen, lr=lr, maximize=maximize, weight_decay=weight_decay)


def sgd(
    parameters: Iterable[nn.Parameter],
    lr: float = 0.1,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> Optimizer:
    """Return SGD with momentum."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay, maximize=maximize)


def lbfgs(parameters: Iterable[nn.Parameter]) -> Optimizer:
    """Return L-BFGS, which learns the curvature of a loss that it takes for the same from step to step."""
    return torch.optim.LBFGS(parameters, lr=0.5, max_iter=8)
