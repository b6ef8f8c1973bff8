"""Layer by layer: weights, gradients, the size of one update, activations on the probe batch.

A module that is called several times in one forward pass, as one ReLU behind every layer, has a record for each call:
`act`, `act#2`, … What belongs to the module itself (weights, gradients, update) stands in the first.

All numbers of one measurement travel to the host in one read-back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from logbook.training.gradients import gradient_entries
from logbook_schemas.records.measures import LayerRecord

__all__ = ["MAX_CALLS", "MAX_LAYERS", "LayerProbe", "leaf_modules"]

MAX_LAYERS = 200
"""A record stays small; a deeper model is measured at its first layers and the last ones are left out."""

MAX_CALLS = 20
"""Calls of one module that are measured: a cell that walks along a sequence would fill the record."""

_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU)
"""Activations that a unit can die behind. The largest of a maxout unit's pieces is 0 by accident only."""


def leaf_modules(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return `(path, module)` of the modules that have no children, in order; a shared one stands once."""
    leaves = [(name or type(model).__name__, module) for name, module in model.named_modules() if _is_leaf(module)]
    return leaves[:MAX_LAYERS]


def _is_leaf(module: nn.Module) -> bool:
    return next(module.children(), None) is None


class LayerProbe:
    """Collects scalars on the device by `(layer, field)`; `records` reads them back at once.

    What can't be measured is left out, and `skipped` says by layer why.
    """

    def __init__(self, model: nn.Module) -> None:
        self.layers = leaf_modules(model)
        self._scalars: dict[tuple[str, str], Tensor] = {}
        self._before: dict[str, list[Tensor]] = {}
        self.skipped: dict[str, str] = {}

    @torch.no_grad()
    def before_update(self) -> None:
        """Call between backward and the optimizer's step: gradients are there, weights not yet moved."""
        for name, module in self.layers:
            with self._skipping(name):
                parameters = _own(module)
                self._gradients(name, parameters)
                if parameters:
                    self._before[name] = [parameter.detach().clone() for parameter in parameters]

    def _gradients(self, name: str, parameters: list[nn.Parameter]) -> None:
        held = [parameter for parameter in parameters if parameter.grad is not None]
        if not held:
            return
        flat = torch.cat([entries.float().flatten() for entries in gradient_entries(held)])
        size = sum(parameter.numel() for parameter in held)
        self._put(name, "gradient_norm", flat.norm())
        # Of a sparse gradient, whatever isn't stored is 0.
        self._put(name, "gradient_zero_share", 1 - (flat != 0).sum() / size)

    @torch.no_grad()
    def after_update(self) -> None:
        """Call after the optimizer's step."""
        for name, module in self.layers:
            if name not in self._before:
                continue
            with self._skipping(name):
                old, new = self._before[name], _own(module)
                moved = torch.cat([(after - before).float().flatten() for before, after in zip(old, new, strict=True)])
                norm = torch.cat([before.float().flatten() for before in old]).norm()
                self._put(name, "update_ratio", moved.norm() / norm.clamp_min(1e-12))
        self._before.clear()

    @torch.no_grad()
    def weights(self) -> None:
        """Measure the weights as they are."""
        for name, module in self.layers:
            with self._skipping(name):
                weight = getattr(module, "weight", None)
                parameters = _own(module)
                if parameters:
                    self._put(name, "weight_norm", torch.cat([p.detach().float().flatten() for p in parameters]).norm())
                if isinstance(weight, nn.Parameter) and weight.numel() > 1:
                    self._put(name, "weight_std", weight.detach().float().std())

    @contextmanager
    def activations(self) -> Iterator[None]:
        """Measure the outputs of every layer during the one forward pass of the block."""
        handles = [module.register_forward_hook(self._watch(name, module)) for name, module in self.layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _watch(self, name: str, module: nn.Module) -> Callable[[nn.Module, object, object], None]:
        is_rectifier = isinstance(module, _RECTIFIERS)
        calls = 0

        def watch(_module: nn.Module, _inputs: object, output: object) -> None:
            nonlocal calls
            calls += 1
            if calls > MAX_CALLS:
                self.skipped[f"layer {name}"] = f"of its calls in one forward pass the first {MAX_CALLS} are measured"
                return
            values = output[0] if isinstance(output, tuple) and output else output
            if not isinstance(values, Tensor) or not values.is_floating_point() or values.numel() == 0:
                return
            with self._skipping(name), torch.no_grad():
                self._outputs(_called(name, calls), values.detach().float(), is_rectifier=is_rectifier)

        return watch

    def _outputs(self, name: str, values: Tensor, *, is_rectifier: bool) -> None:
        self._put(name, "activation_mean", values.mean())
        self._put(name, "activation_std", values.std(correction=0))
        if is_rectifier:
            is_zero = values == 0
            by_unit = is_zero.flatten(2).all(2) if values.dim() > 2 else is_zero
            self._put(name, "zero_share", is_zero.float().mean())
            self._put(name, "dead_share", by_unit.all(0).float().mean())

    @contextmanager
    def _skipping(self, name: str) -> Iterator[None]:
        """Go on without what a layer of an unforeseen kind doesn't let us measure."""
        try:
            yield
        except Exception as error:
            self.skipped[f"layer {name}"] = str(error).split("\n", 1)[0][:300]

    def records(self) -> tuple[LayerRecord, ...]:
        """Return what was measured, one record a layer; the only time the host waits for the device."""
        keys = list(self._scalars)
        values = torch.stack([self._scalars[key].float() for key in keys]).tolist() if keys else []
        measured: dict[str, dict[str, float]] = {}
        for (name, field), value in zip(keys, values, strict=True):
            measured.setdefault(name, {})[field] = value
        self._scalars.clear()
        return tuple(
            LayerRecord(
                name=called,
                kind=type(module).__name__,
                parameters=sum(parameter.numel() for parameter in _own(module)) if called == name else 0,
                **measured[called],
            )
            for name, module in self.layers
            for called in (_called(name, call) for call in range(1, MAX_CALLS + 1))
            if called in measured
        )

    def _put(self, name: str, field: str, value: Tensor) -> None:
        self._scalars[name, field] = value


def _called(name: str, call: int) -> str:
    return name if call == 1 else f"{name}#{call}"


def _own(module: nn.Module) -> list[nn.Parameter]:
    lazy = nn.parameter.UninitializedParameter
    return [p for p in module.parameters(recurse=False) if not isinstance(p, lazy) and p.numel() > 0]
