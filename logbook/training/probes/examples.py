"""How outputs follow from inputs: from their own row alone, from any, bent or straight, the same twice."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from logbook.training.probes.passes import Passes
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng

__all__ = ["affine_defect", "left_training", "mixing", "randomness", "relative_spread", "uses_batch_statistics"]

_ROWS = 8
"""Rows of a batch in which one is kept and the others are exchanged."""

_NOISE = 0.1
"""Share of the change by which outputs may differ from pass to pass: rounding on a GPU is far below it."""

_FAR = 100.0
"""How far out a network is tried for being affine: near 0 a tanh is."""

_NEAR = 2.0
"""The same where the outputs are probabilities: far out they are 0 and 1, and say nothing of how straight they are."""

_EDGE = 1e-3
"""How far a bound may be from 0 or 1 to be that."""

_SMALLEST = 1e-12
_RANDOM = ("dropout", "rand", "normal", "bernoulli", "multinomial", "poisson", "exponential")


def relative_spread(outputs: Tensor) -> float | None:
    """Return the largest difference between two rows over the largest output; None of fewer than 2 rows."""
    if len(outputs) < 2 or not bool(outputs.isfinite().all()):
        return None
    return float((outputs.amax(0) - outputs.amin(0)).max() / outputs.abs().max().clamp_min(_SMALLEST))


def mixing(passes: Passes) -> float | None:
    """Return how much the outputs of one row change as all other rows are exchanged; None of fewer than 3 rows.

    A row in the middle: where the batch is taken for time, the first one depends on no other. None too where the
    same batch gives other outputs the second time: a model may draw from a generator that nobody else knows of.
    """
    inputs = passes.inputs
    size = min(_ROWS, (len(inputs) + 1) // 2)
    if size < 2:
        return None
    kept = size // 2
    first = torch.arange(size)
    second = torch.arange(size) + len(inputs) - size
    second[kept] = kept
    one = passes(inputs[first.to(inputs.device)])
    other = passes(inputs[second.to(inputs.device)])
    if one.shape != other.shape or len(one) != size:
        return None
    change = _change(one[kept], other[kept], one)
    noise = _change(one[kept], passes(inputs[first.to(inputs.device)])[kept], one)
    return None if noise > _NOISE * change else change


def randomness(passes: Passes) -> tuple[float, tuple[str, ...]]:
    """Return how much outputs change from one random state to the next, and what drew the random numbers."""
    rows = passes.inputs[:_ROWS]
    once = passes(rows)
    change = _change(once, passes(rows, seed=1), once)
    if change == 0:
        return change, ()
    calls = _Calls()
    with calls:
        passes(rows, seed=1)
    return change, tuple(sorted(calls.names))


class _Calls(TorchFunctionMode):
    """Notes which of torch's random functions are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names = set[str]()

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        name = str(getattr(func, "__name__", "")).strip("_")
        if any(word in name for word in _RANDOM) and "generator" not in name:
            self.names.add(name)
        return func(*args, **(kwargs or {}))


def affine_defect(passes: Passes, *, low: float | None, high: float | None) -> float | None:
    """Return how far f(a + b - c) is from f(a) + f(b) - f(c), over the deviation of f.

    About 1e-6 for a straight line, and seldom below 0.01 for a bent one, far out. What probabilities are made of is
    looked at: their logits. None where inputs are no real numbers.
    """
    inputs = passes.inputs
    if not inputs.is_floating_point() or len(inputs) < 2:
        return None
    is_squeezed = low is not None and high is not None and abs(low) < _EDGE and abs(high - 1) < _EDGE
    a, b, c, d = _on_a_plane(inputs, far=_NEAR if is_squeezed else _FAR)
    together = passes(torch.cat([a, b, c, d])).double()
    if len(together) != 4 * len(a) or not bool(together.isfinite().all()):
        return None
    fa, fb, fc, fd = _straightened(together, low=low, high=high).chunk(4)
    deviation = torch.cat([fa, fb, fc]).std(0).mean()
    if not bool(deviation > _SMALLEST):
        return None
    return float((fd - fa - fb + fc).abs().mean() / deviation)


def _on_a_plane(inputs: Tensor, *, far: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return a, b, c and d = a + b - c. A column may be a place in a table, and on a GPU a place that isn't there ends
    CUDA for the whole process: there c is between rows a and b of the data, and so is d."""
    rows = min(len(inputs) // 2, 2 * _ROWS)
    if inputs.device.type != "cpu":
        a, b = inputs[:rows], inputs[-rows:]
        c = a + 0.25 * (b - a)
        return a, b, c, a + b - c
    generator = torch.Generator().manual_seed(0)
    drawn = far * torch.randn((3, 2 * _ROWS, *inputs.shape[1:]), generator=generator)
    a, b, c = drawn.to(inputs.dtype)
    return a, b, c, a + b - c


def _straightened(outputs: Tensor, *, low: float | None, high: float | None) -> Tensor:
    """Return logits where the outputs are probabilities, or logarithms of them."""
    if low is not None and high is not None and abs(low) < _EDGE and abs(high - 1) < _EDGE:
        logs = outputs.clamp(1e-12, 1).log()
        is_one_of = outputs.ndim == 2 and outputs.shape[1] > 1 and bool((outputs.sum(1) - 1).abs().max() < _EDGE)
        return logs - logs[:, :1] if is_one_of else logs - (1 - outputs).clamp(1e-12, 1).log()
    if outputs.ndim == 2 and outputs.shape[1] > 1 and high is not None and low is None:
        return outputs - outputs[:, :1]
    return outputs


def uses_batch_statistics(model: nn.Module) -> bool:
    """Say whether a batch normalization keeps no running statistics: then rows mix on purpose."""
    kinds = nn.modules.batchnorm._BatchNorm
    return any(isinstance(module, kinds) and module.running_mean is None for module in model.modules())


def left_training(model: nn.Module, device: torch.device) -> tuple[str, ...]:
    """Return the names of dropout and batch normalization that `model.eval()` leaves in training mode."""
    kinds = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._BatchNorm)
    with untouched(model, device), isolated_rng(0):
        model.eval()
        found = [name for name, part in model.named_modules() if isinstance(part, kinds) and part.training]
    return tuple(found)


def _change(one: Tensor, other: Tensor, scale: Tensor) -> float:
    return float((one - other).abs().max() / scale.abs().max().clamp_min(_SMALLEST))
