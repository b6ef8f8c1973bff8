"""Padam: amsgrad whose denominator is taken to a power between 0 and 1 (Chen and Gu 2018, "Closing the
Generalization Gap of Adaptive Gradient Methods").

Of our own, because libraries leave out the paper's maximum over past squares, or correct the bias as if the power
were 1. At `partial` 0.5 it is torch's amsgrad, to the last rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["Padam"]


class Padam(Optimizer):
    """Moves weights by lr · m / (√v̂ + eps)^(2 · partial), v̂ being the largest running squares so far."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float = 0.1,
        *,
        partial: float = 0.125,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters, {"lr": lr, "partial": partial, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            if parameters:
                self._update(group, parameters)
        return loss

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        states = [self._state_of(parameter) for parameter in parameters]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if group["weight_decay"]:
            gradients = list(torch._foreach_add(gradients, parameters, alpha=group["weight_decay"]))
        means = [state["mean"] for state in states]
        squares = [state["squares"] for state in states]
        largest = [state["largest"] for state in states]
        beta1, beta2 = group["betas"]
        torch._foreach_lerp_(means, gradients, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - beta2)
        torch._foreach_maximum_(largest, squares)
        steps = []
        for state in states:
            state["step"] += 1
            steps.append(int(state["step"]))
        roots = torch._foreach_sqrt(largest)
        torch._foreach_div_(roots, [(1 - beta2**step) ** 0.5 for step in steps])
        torch._foreach_add_(roots, group["eps"])
        torch._foreach_pow_(roots, 2 * group["partial"])
        torch._foreach_addcdiv_(parameters, means, roots, [-group["lr"] / (1 - beta1**step) for step in steps])

    def _state_of(self, parameter: Tensor) -> dict[str, Any]:
        state: dict[str, Any] = self.state[parameter]
        if not state:
            state["step"] = 0
            for name in ("mean", "squares", "largest"):
                state[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
        return state
