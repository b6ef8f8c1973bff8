"""Gradient descent with a backtracking line search (Armijo's rule), which torch doesn't have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["LineSearchDescent"]


class LineSearchDescent(Optimizer):
    """Goes down the gradient as far as the loss falls by `decrease` of what the gradient promises.

    A step tries `lr` first, or twice the last step's length where that is shorter, then `shrink` times as much and so
    on. Where none of `max_evaluations` lengths helps, the weights stay where they are.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float = 1.0,
        *,
        shrink: float = 0.5,
        decrease: float = 1e-4,
        max_evaluations: int = 20,
    ) -> None:
        defaults = {"lr": lr, "shrink": shrink, "decrease": decrease, "max_evaluations": max_evaluations}
        super().__init__(parameters, {**defaults, "last": None})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        group = self.param_groups[0]
        closure = torch.enable_grad()(closure)
        loss = closure()
        # A gradient of the closure's next call is written over this one.
        moved = [(parameter, parameter.grad.clone()) for parameter in group["params"] if parameter.grad is not None]
        before = [parameter.clone() for parameter, _ in moved]
        promised = sum(float(gradient.square().sum()) for _, gradient in moved)
        length = group["lr"] if group["last"] is None else min(group["lr"], 2 * group["last"])
        for _ in range(group["max_evaluations"]):
            _go(moved, before, length)
            if float(closure()) <= float(loss) - group["decrease"] * length * promised:
                group["last"] = length
                return loss
            length *= group["shrink"]
        _go(moved, before, 0.0)
        # The next step looks again from where this one gave up, not from the far end.
        group["last"] = length
        return loss


def _go(moved: list[tuple[Tensor, Tensor]], before: list[Tensor], length: float) -> None:
    for (parameter, gradient), start in zip(moved, before, strict=True):
        parameter.copy_(start).sub_(gradient, alpha=length)
