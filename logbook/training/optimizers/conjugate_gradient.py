"""Nonlinear conjugate gradient, by SciPy: an optimizer around `scipy.optimize.minimize(method="CG")`.

A step begins with the steepest descent and makes up to `max_iter` iterations; nothing is kept from one to the next,
so there is no state to restore. SciPy computes on the CPU in float64, the network where it is and as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim import Optimizer

__all__ = ["ConjugateGradientDescent"]

Vector = NDArray[np.float64]


class ConjugateGradientDescent(Optimizer):
    """Makes up to `max_iter` iterations a step; ends one early where no gradient's entry is above `tolerance_grad`."""

    def __init__(self, parameters: Iterable[nn.Parameter], *, max_iter: int = 20, tolerance_grad: float = 1e-7) -> None:
        super().__init__(parameters, {"max_iter": max_iter, "tolerance_grad": tolerance_grad})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        from scipy.optimize import minimize

        group = self.param_groups[0]
        closure = torch.enable_grad()(closure)
        moved = [parameter for parameter in group["params"] if parameter.requires_grad]
        losses: list[Any] = []

        def loss_and_gradient(point: Vector) -> tuple[float, Vector]:
            _move(moved, point)
            loss = closure()
            losses.append(loss)
            gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in moved]
            return float(loss), _as_vector(gradients)

        options = {"maxiter": group["max_iter"], "gtol": group["tolerance_grad"]}
        # A trial that goes too far may overflow, and the end of float32's precision ends the search: both are usual.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = minimize(loss_and_gradient, _as_vector(moved), jac=True, method="CG", options=options)
        _move(moved, found.x)
        return losses[0]


def _as_vector(tensors: list[Any]) -> Vector:
    vector: Vector = parameters_to_vector(tensors).detach().cpu().numpy().astype(np.float64)
    return vector


def _move(parameters: list[nn.Parameter], point: Vector) -> None:
    first = parameters[0]
    vector_to_parameters(torch.from_numpy(point).to(first.device, first.dtype), parameters)
