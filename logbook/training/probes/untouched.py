"""Run something on a model and leave no trace of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.seeding import kept_rng

__all__ = ["untouched"]


@contextmanager
def untouched(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Put back buffers, attributes, gradients, train/eval flags and every random state when the block ends.

    A counter or a running mean of the person's own module is as it was, whether the module changes a tensor in
    place or puts another in its place. What a module keeps in containers of its own isn't looked into.
    """
    modules = [_Kept.of(module) for module in model.modules()]
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    with kept_rng(device):
        try:
            for parameter, _ in gradients:
                parameter.grad = None
            yield
        finally:
            for parameter, gradient in gradients:
                parameter.grad = gradient
            for kept in modules:
                kept.put_back()


@dataclass(frozen=True)
class _Kept:
    """One module as it was: its attributes (the train/eval flag is one), its buffers, and the values of both."""

    module: nn.Module
    attributes: dict[str, Any]
    buffers: dict[str, Tensor | None]
    values: list[tuple[Tensor, Tensor]]

    @classmethod
    def of(cls, module: nn.Module) -> _Kept:
        attributes, buffers = dict(vars(module)), dict(module._buffers)
        tensors = [value for value in (*attributes.values(), *buffers.values()) if isinstance(value, Tensor)]
        return cls(module, attributes, buffers, [(tensor, tensor.detach().clone()) for tensor in tensors])

    @torch.no_grad()
    def put_back(self) -> None:
        now = vars(self.module)
        for name in now.keys() - self.attributes.keys():
            del now[name]
        now.update(self.attributes)
        self.module._buffers.clear()
        self.module._buffers.update(self.buffers)
        for tensor, value in self.values:
            tensor.detach().copy_(value)
