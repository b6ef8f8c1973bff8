"""Gradients that a person wrote, held against differences of the loss: in double precision, on a copy of the model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.parts import outputs_of
from logbook.training.seeding import isolated_rng

__all__ = ["custom_functions", "gradient_ratios", "unregistered_tensors"]

LossFunction = Callable[[Tensor, Tensor], Tensor]

_NODES = 3000
_TENSORS = 8
_ROWS = 16
_STEP = 1e-6
"""Relative to the norm of the tensor: in double precision differences are then exact to about 1e-8."""


def custom_functions(value: Tensor | None) -> tuple[str, ...]:
    """Return the names of the autograd functions on the way to a loss that aren't torch's."""
    forwards = (getattr(node, "_forward_cls", None) for node in _graph(value))
    own = (forward for forward in forwards if forward is not None)
    return tuple(sorted({one.__name__ for one in own if not str(one.__module__).startswith("torch.")}))


def unregistered_tensors(value: Tensor | None, known: Iterable[Tensor], inputs: Tensor) -> tuple[str, ...]:
    """Return the shapes of tensors that ask for a gradient on the way to a loss and are none of those that are known.

    Layers in a plain list, or a tensor that is no nn.Parameter: the model doesn't know of them. A plain tensor of as
    many rows as the inputs is made of them: a network that asks for its own derivative detaches them first.
    """
    ids = {id(tensor) for tensor in known}
    leaves = (getattr(node, "variable", None) for node in _graph(value))
    strange = {id(leaf): leaf for leaf in leaves if leaf is not None and id(leaf) not in ids}
    weights = [one for one in strange.values() if isinstance(one, nn.Parameter) or one.shape[:1] != inputs.shape[:1]]
    return tuple(" x ".join(map(str, leaf.shape)) or "one number" for leaf in weights)


def _graph(value: Tensor | None) -> Iterator[Any]:
    """Yield the nodes on the way back from a value, each once."""
    seen, waiting = set[object](), [value.grad_fn if value is not None else None]
    while waiting and len(seen) < _NODES:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        waiting.extend(parent for parent, _ in node.next_functions)


def gradient_ratios(model: nn.Module, loss: LossFunction, inputs: Tensor, targets: Tensor) -> tuple[float, ...]:
    """Return for a few parameter tensors what the loss changes along a direction, over what their gradient says: 1.

    0 where the loss is flat, as behind a rounding whose gradient is passed straight through on purpose.
    """
    with isolated_rng(0), torch.enable_grad():
        twin = copy.deepcopy(model).double().eval()
        rows = inputs[:_ROWS].double() if inputs.is_floating_point() else inputs[:_ROWS]
        wanted = targets[:_ROWS].double() if targets.is_floating_point() else targets[:_ROWS]
        parameters = [p for p in twin.parameters() if p.requires_grad and p.numel()][:_TENSORS]

        def value() -> Tensor:
            with isolated_rng(0):
                return loss(outputs_of(twin, rows), wanted)

        gradients = torch.autograd.grad(value(), parameters, allow_unused=True)
        return tuple(_ratios(value, parameters, gradients))


def _ratios(
    value: Callable[[], Tensor], parameters: list[nn.Parameter], gradients: tuple[Tensor | None, ...]
) -> Iterator[float]:
    generator = torch.Generator().manual_seed(0)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        if gradient is None or not bool(gradient.any()):
            continue
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64).to(parameter.device)
        direction = gradient / gradient.norm() + 0.1 * noise / noise.norm()
        step = _STEP * max(float(parameter.detach().norm()), 1.0)
        with torch.no_grad():
            start = parameter.detach().clone()
            parameter.add_(step * direction)
            ahead = float(value())
            parameter.copy_(start - step * direction)
            behind = float(value())
            parameter.copy_(start)
        yield (ahead - behind) / (2 * step) / float((gradient * direction).sum())
