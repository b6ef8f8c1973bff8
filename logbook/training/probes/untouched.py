"""Run something on a model and leave no trace of it."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from logbook.training.seeding import kept_rng

__all__ = ["untouched"]


@contextmanager
def untouched(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Put back buffers, attributes, gradients, train/eval flags and every random state when the block ends.

    A counter, a running mean, a list that grows or a generator of the person's own module is as it was, whether the
    module changes it in place or puts another in its place. Containers within containers aren't looked into.
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


_OF_TORCH = frozenset(vars(nn.Module()))
"""What torch itself gives every module: tables of parameters, children and hooks are no state of a person's own."""

_MOST = 100
"""Tensors of one container that are kept by value; a replay buffer would be copied at each look."""


@dataclass(frozen=True)
class _Kept:
    """One module as it was: its attributes (the train/eval flag is one), its buffers, and how to undo the rest."""

    module: nn.Module
    attributes: dict[str, Any]
    buffers: dict[str, Tensor | None]
    undo: list[Callable[[], object]]

    @classmethod
    def of(cls, module: nn.Module) -> _Kept:
        attributes, buffers = dict(vars(module)), dict(module._buffers)
        own = [value for name, value in attributes.items() if name not in _OF_TORCH]
        return cls(module, attributes, buffers, [undo for value in (*own, *buffers.values()) for undo in _undo(value)])

    @torch.no_grad()
    def put_back(self) -> None:
        now = vars(self.module)
        for name in now.keys() - self.attributes.keys():
            del now[name]
        now.update(self.attributes)
        self.module._buffers.clear()
        self.module._buffers.update(self.buffers)
        for undo in self.undo:
            undo()


def _undo(value: Any) -> Iterator[Callable[[], object]]:
    """Yield what makes a value again what it is now: a tensor, a container, a random generator."""
    match value:
        case Tensor():
            kept = value.detach().clone()
            yield lambda: value.detach().copy_(kept)
        case list() | deque():
            items = list(value)
            yield lambda: (value.clear(), value.extend(items))
            yield from _undo_tensors(items)
        case dict():
            pairs = dict(value)
            yield lambda: (value.clear(), value.update(pairs))  # type: ignore[func-returns-value]
            yield from _undo_tensors(list(pairs.values()))
        case set():
            members = set(value)
            yield lambda: (value.clear(), value.update(members))  # type: ignore[func-returns-value]
        case torch.Generator():
            yield partial(value.set_state, value.get_state())
        case np.random.Generator():
            yield partial(setattr, value.bit_generator, "state", value.bit_generator.state)
        case np.random.RandomState():
            yield partial(value.set_state, value.get_state())
        case random.Random():
            yield partial(value.setstate, value.getstate())


def _undo_tensors(values: list[Any]) -> Iterator[Callable[[], object]]:
    tensors = [value for value in values if isinstance(value, Tensor)]
    if len(tensors) <= _MOST:
        for tensor in tensors:
            yield from _undo(tensor)
