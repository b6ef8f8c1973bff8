"""How a network is put together, whoever wrote it: what everything has to pass, what is dropped and what normalized.

Found in forward passes alone, so that what a person's own `forward` does between modules counts too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.parts import outputs_of
from logbook.training.probes.examples import relative_spread
from logbook.training.probes.modules import NORMALIZATIONS, layers_of
from logbook.training.probes.passes import Passes
from logbook.training.probes.reach import random_weights
from logbook.training.probes.untouched import untouched
from logbook.training.seeding import isolated_rng
from logbook_schemas.records.start import StructureRecord

__all__ = ["probe_structure"]

_NARROW = 8
"""Units of a layer up to which it is asked whether everything passes it: each costs a forward pass."""

_MOST_ASKED = 8
_ALIKE = 1e-6
"""Relative difference up to which rows of outputs are the same."""

_LARGEST = 5_000_000
"""Parameters of a network that is tried with other weights."""

_DRAWS = 6

_SHARES = 3
"""Units from which on a sum of 1 is a softmax: of two it may be a gate and what it leaves."""

_ONE = 1e-4
"""How far a sum of shares may be from 1 in float32."""

_KEEPING = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Flatten, nn.Identity)
"""What leaves a dropped unit dropped, or the same in every row, on its way to a normalization."""

_Dropout = nn.modules.dropout._DropoutNd
_BatchNorm = nn.modules.batchnorm._BatchNorm
_Conv = nn.modules.conv._ConvNd


def probe_structure(passes: Passes) -> StructureRecord:
    """Return how the model is put together, from passes over the rows of `passes`."""
    found: dict[str, Any] = {}
    with passes.skipping("biases"):
        found["unbiased"] = _is_unbiased(passes.model)
    with passes.skipping("narrow layers"):
        found["narrow"] = _narrow(passes)
    with passes.skipping("dropped outputs"):
        found["dropped_outputs"] = _dropped_outputs(passes)
    with passes.skipping("normalizations"), _watching(passes.model) as watch:
        _train_mode(passes)
        found |= watch.fields
    return StructureRecord(**found)


def _is_unbiased(model: nn.Module) -> bool | None:
    """Say whether there are matrices and nothing else to train; None where a normalization brings biases of its own."""
    parameters = [p for p in model.parameters() if not isinstance(p, nn.parameter.UninitializedParameter)]
    if not parameters or any(isinstance(module, NORMALIZATIONS) for module in model.modules()):
        return None
    return all(parameter.ndim > 1 for parameter in parameters)


# -- what everything has to pass ----------------------------------------------------------------------------------


def _narrow(passes: Passes) -> dict[str, int]:
    """Return the units of the narrow linear layers without which the outputs are the same for every row."""
    widths: dict[str, tuple[nn.Module, int]] = {}
    with ExitStack() as stack:
        for layer in layers_of(passes.model):
            if isinstance(layer.module, nn.Linear):
                stack.callback(layer.module.register_forward_hook(_noting(layer.name, widths)).remove)
        passes(passes.inputs)
    last = next(reversed(widths), None)
    asked = [(name, *found) for name, found in widths.items() if found[1] <= _NARROW and name != last][:_MOST_ASKED]
    parameters = [p for p in passes.model.parameters() if p.is_floating_point() and p.numel()]
    if not asked or sum(p.numel() for p in parameters) > _LARGEST:
        return {}
    # A unit or two may be dead from the start, and all rows alike: then other weights say what passes where.
    for seed in range(_DRAWS):
        with random_weights(parameters, gain=1.0, seed=seed) if seed else nullcontext():
            spread = relative_spread(passes(passes.inputs))
            if spread is not None and spread > _ALIKE:
                return {name: units for name, module, units in asked if _passes_all(passes, module)}
    return {}


def _noting(name: str, widths: dict[str, tuple[nn.Module, int]]) -> Any:
    def note(module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim > 1:
            widths[name] = (module, max(math.prod(output.shape[1:]), widths.get(name, (module, 0))[1]))

    return note


def _passes_all(passes: Passes, module: nn.Module) -> bool:
    """Say whether the outputs are the same for every row once this layer's are."""

    def same(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        return output[:1].expand_as(output).clone()

    handle = module.register_forward_hook(same)
    try:
        spread = relative_spread(passes(passes.inputs))
    finally:
        handle.remove()
    return spread is not None and spread <= _ALIKE


# -- in training mode ---------------------------------------------------------------------------------------------


def _train_mode(passes: Passes) -> Tensor:
    model, inputs = passes.model, passes.inputs
    with untouched(model, inputs.device), torch.no_grad(), isolated_rng(0):
        model.train()
        return outputs_of(model, inputs).detach()


def _dropped_outputs(passes: Passes) -> float | None:
    """Return the share of outputs that are exactly 0 in training and not in evaluation."""
    if not any(isinstance(module, _Dropout) for module in passes.model.modules()):
        return None  # of a function's dropout nothing is asked: most models have none
    trained, evaluated = _train_mode(passes), passes(passes.inputs)
    if trained.shape != evaluated.shape or not trained.is_floating_point():
        return None
    return float(((trained == 0) & (evaluated != 0)).float().mean())


class _Watch:
    """What batch normalizations and the first convolution are given in one pass."""

    def __init__(self) -> None:
        self.dropped: list[tuple[Tensor, float]] = []
        self.into: dict[str, float] = {}
        self.by_rows: list[str] = []
        self.inputs: Tensor | None = None
        self.softmaxed: list[str] = []
        self.reshaped: tuple[int, ...] = ()
        self.has_convolved = False
        self.has_weighed = False

    @property
    def fields(self) -> dict[str, Any]:
        return {
            "dropped_normalizations": self.into,
            "normalized_by_rows": tuple(dict.fromkeys(self.by_rows)),
            "softmaxed": tuple(dict.fromkeys(self.softmaxed)),
            "reshaped": self.reshaped,
        }

    def begin(self, _module: nn.Module, inputs: tuple[object, ...]) -> None:
        if self.inputs is None and inputs and isinstance(inputs[0], Tensor):
            self.inputs = inputs[0]

    def drop(self, module: nn.Module, _inputs: object, output: object) -> None:
        p = getattr(module, "p", 0.0)
        if isinstance(output, Tensor) and isinstance(p, int | float) and p > 0:
            self.dropped = [(output, float(p))]

    def keep(self, _module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        if isinstance(output, Tensor) and inputs and (p := self._dropped(inputs[0])):
            self.dropped.append((output, p))

    def normalize(self, name: str, inputs: tuple[object, ...]) -> None:
        values = inputs[0] if inputs else None
        if not isinstance(values, Tensor):
            return
        if p := self._dropped(values):
            self.into[name] = p
        if values.ndim > 1 and math.prod(values.shape[2:]) == 1:
            self.by_rows.append(name)

    def weigh(self, name: str, inputs: tuple[object, ...]) -> None:
        values, is_first = (inputs[0] if inputs else None), not self.has_weighed
        self.has_weighed = True
        if is_first or not isinstance(values, Tensor) or not values.is_floating_point() or values.shape[-1] < _SHARES:
            return
        is_share = bool((values >= 0).all() & ((values.sum(-1) - 1).abs() < _ONE).all())
        if is_share and bool((values < 1 - _ONE).all()):  # codes of 0 and 1 sum to 1, too
            self.softmaxed.append(name)

    def convolve(self, _module: nn.Module, inputs: tuple[object, ...]) -> None:
        values, whole = (inputs[0] if inputs else None), self.inputs
        is_first, self.has_convolved, self.has_weighed = not self.has_convolved, True, True
        if not is_first or not isinstance(values, Tensor) or whole is None or values.ndim != whole.ndim:
            return
        channels = whole.shape[-1]
        if (
            values.shape == whole.shape
            or values.shape[1] != channels
            or channels < 2
            or values.numel() != whole.numel()
        ):
            return
        # A permutation of axes brings the numbers into another order; a view leaves them in theirs.
        if torch.equal(values.flatten(), whole.flatten().to(values.dtype)):
            self.reshaped = tuple(values.shape[1:])

    def _dropped(self, values: object) -> float:
        if not isinstance(values, Tensor):
            return 0.0
        for kept, p in self.dropped:
            is_same = kept.untyped_storage().data_ptr() == values.untyped_storage().data_ptr()
            if is_same or (kept.shape == values.shape and torch.equal(kept.relu(), values)):
                return p
        return 0.0


@contextmanager
def _watching(model: nn.Module) -> Iterator[_Watch]:
    watch = _Watch()
    with ExitStack() as stack:
        stack.callback(model.register_forward_pre_hook(watch.begin).remove)
        for name, module in model.named_modules():
            if isinstance(module, _Dropout):
                stack.callback(module.register_forward_hook(watch.drop).remove)
            elif isinstance(module, _KEEPING):
                stack.callback(module.register_forward_hook(watch.keep).remove)
            elif isinstance(module, _BatchNorm):
                hook = module.register_forward_pre_hook(lambda _, inputs, name=name: watch.normalize(name, inputs))
                stack.callback(hook.remove)
            elif isinstance(module, _Conv):
                stack.callback(module.register_forward_pre_hook(watch.convolve).remove)
            elif isinstance(module, nn.Linear):
                hook = module.register_forward_pre_hook(lambda _, inputs, name=name: watch.weigh(name, inputs))
                stack.callback(hook.remove)
        yield watch
