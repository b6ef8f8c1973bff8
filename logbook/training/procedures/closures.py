"""Steps of an optimizer that evaluates the loss itself, several times a step: L-BFGS, conjugate gradient, line search.

The evaluations of a step differ in the weights alone: every one draws the same random numbers, so that dropout leaves
out the same units.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from logbook.errors import ConfigError
from logbook.training.optimizers import needs_closure
from logbook.training.parts import Parts
from logbook.training.procedures.stepping import Group, backward

__all__ = ["Closure", "refuse_bent_gradients"]


class Closure:
    """The loss as a function of the weights. Make it before the first evaluation, whose result `began` takes."""

    def __init__(self, parts: Parts, group: Group) -> None:
        self._parts, self._group = parts, group
        self._is_cuda = parts.device.type == "cuda"
        self._random = self._random_state()
        self._first: Tensor | None = None

    def began(self, loss: Tensor) -> Callable[[], Tensor]:
        """Return what the optimizer calls: the first call finds loss and gradients as they were just computed."""
        self._first = loss
        return self._evaluate

    def _evaluate(self) -> Tensor:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        torch.set_rng_state(self._random[0])
        if self._is_cuda:
            torch.cuda.set_rng_state(self._random[1], self._parts.device)
        self._parts.optimizer.zero_grad(set_to_none=True)
        loss = backward(self._parts, self._group)
        assert loss is not None  # only a log finds fault with it
        return loss

    def _random_state(self) -> list[Tensor]:
        state = [torch.get_rng_state()]
        return [*state, torch.cuda.get_rng_state(self._parts.device)] if self._is_cuda else state


def refuse_bent_gradients(parts: Parts) -> None:
    """Raise ConfigError where a person's own optimizer searches along a gradient that the config would change.

    Of the optimizers that it knows, the config says so itself.
    """
    gradients, config = parts.config.gradients, parts.config
    if config.optimizer.kind != "python" or not needs_closure(parts.optimizer):
        return
    for field, found in (
        ("gradients.clip", gradients.clip.kind),
        ("gradients.renormalize", gradients.renormalize.kind),
    ):
        if found != "none":
            raise ConfigError(
                f"{field} is {found}, but optimizer.target {config.optimizer.target} evaluates the loss itself and"
                " takes the gradient as it is; leave it out"
            )
    if parts.scaler is not None:
        raise ConfigError(
            f"training.precision is float16, which skips steps, but optimizer.target {config.optimizer.target}"
            " evaluates the loss itself; use bfloat16 or float32"
        )
