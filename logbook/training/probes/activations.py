"""What layers say on the probe batch: mean, deviation, units that are dead, saturated or constant.

A module that is called several times in one forward pass, as one ReLU behind every layer, has a record for each call:
`act`, `act#2`, … An activation that a person's own forward applies without a module (`F.relu(self.fc1(x))`) is seen
where the next module is called: what it is given is compared with what the last one gave.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch._C._functorch import is_functorch_wrapped_tensor

from logbook.training.probes.modules import Layer
from logbook.training.probes.reductions import count_nonzero
from logbook.training.probes.scalars import Scalars
from logbook.training.probes.units import Moments, Units, read_units

__all__ = ["MAX_CALLS", "ActivationWatch", "called"]

MAX_CALLS = 20
"""Calls of one module that are measured: a cell that walks along a sequence would fill the record."""

_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU)
"""Activations that a unit can die behind. The largest of a maxout unit's pieces is 0 by accident only."""

_BOUNDED = (nn.Tanh, nn.Softsign, nn.Hardtanh, nn.Sigmoid, nn.Hardsigmoid)
_FROM_ZERO = (nn.Sigmoid, nn.Hardsigmoid)
_SMOOTH = (nn.Mish, nn.Hardswish, nn.Softplus, nn.LogSigmoid, nn.Threshold)
_ACTIVATIONS = (*_RECTIFIERS, *_BOUNDED, *_SMOOTH)

_OF_IMAGES = (nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.GroupNorm)
_OF_FEATURES = (nn.LayerNorm, nn.RMSNorm, nn.Embedding)
"""Modules whose units stand second, or last; other modules without weights leave units where they are."""

_NEAR = 0.01
"""How near to a bound is saturated: |tanh| > 0.99, or sigmoid outside 0.01 to 0.99."""


@dataclass
class _Output:
    """What a module gave last: enough to see whether the next module is given the same."""

    name: str
    values: Tensor
    version: int
    of_images: bool

    @property
    def units(self) -> int:
        return self.values.shape[1] if self.of_images else self.values.shape[-1]

    def is_given(self, values: Tensor) -> bool:
        """Say whether these are the values as the module gave them, or a view of them."""
        return values.untyped_storage().data_ptr() == self._place() and self.is_there()

    def is_there(self) -> bool:
        """Say whether the values are still as they were given: an operation in place may have changed them."""
        return self.values._version == self.version

    def _place(self) -> int:
        return self.values.untyped_storage().data_ptr()


class ActivationWatch:
    """Hooks on every layer for one forward pass."""

    def __init__(self, model: nn.Module, layers: list[Layer], scalars: Scalars, *, at_start: bool) -> None:
        self._model, self._scalars = model, scalars
        self._at_start = at_start
        self._hooks = [(layer, self._given(layer), self._gave(layer)) for layer in layers]
        self.calls: dict[str, int] = {}
        self._orders: dict[str, int] = {}
        self._moments: dict[tuple[str, str], Moments] = {}
        self._activations: set[str] = set()
        self._last: _Output | None = None
        self._raw: set[int] = set()
        self._last_weighted = -1
        self._has_weighed = False
        self._of_images = False
        self.skipped: dict[str, str] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Measure every layer during the one forward pass of the block."""
        self.calls, self._orders, self._moments = {}, {}, {}
        self._activations, self._last, self._raw = set(), None, set()
        self._last_weighted, self._has_weighed = -1, False
        begin = self._model.register_forward_pre_hook(self._begin)
        # Into torch's own tables: a handle for each hook, made and removed each epoch, takes ten times as long.
        key = id(self)
        for layer, given, gave in self._hooks:
            layer.module._forward_pre_hooks[key] = given
            layer.module._forward_hooks[key] = gave
        try:
            yield
        finally:
            self._last = None
            begin.remove()
            for layer, _, _ in self._hooks:
                layer.module._forward_pre_hooks.pop(key, None)
                layer.module._forward_hooks.pop(key, None)

    def fields(self, measured: dict[str, dict[str, float]]) -> dict[str, dict[str, Any]]:
        """Return what was measured as the fields of records: what only a hidden layer has is taken from others."""
        for (name, of), units in read_units(self._moments).items():
            found: dict[str, Any] = measured.setdefault(name, {})
            if of == "outputs":
                found |= self._of_outputs(name, units, found.pop("_nonzero_outputs", None))
                continue
            found["input_std"] = math.sqrt(units.within + units.across)
            if of == "inputs of a matrix":
                found["input_unit_std"] = math.sqrt(units.within)
        self._moments.clear()
        for name, order in self._orders.items():
            found = measured.setdefault(name, {})
            found["order"] = order
            if order > self._last_weighted:
                found.pop("saturated_share", None)
        return {name: fields for name, found in measured.items() if (fields := _functional(found)) is not None}

    def _of_outputs(self, name: str, units: Units, nonzero: float | None) -> dict[str, float]:
        told = {
            "activation_mean": units.mean,
            "activation_std": math.sqrt(units.within + units.across),
            "unit_std": math.sqrt(units.within),
        }
        if name in self._activations:
            told["constant_share"] = units.constant
        if nonzero is not None:
            told |= {"zero_share": 1 - nonzero, "dead_share": units.dead}
        return told

    # -- hooks ------------------------------------------------------------------------------------------------

    def _begin(self, _module: nn.Module, inputs: tuple[object, ...]) -> None:
        self._raw |= {value.untyped_storage().data_ptr() for value in inputs if _is_plain(value)}

    def _given(self, layer: Layer) -> Any:
        name, of = layer.name, "inputs of a matrix" if layer.weighs else "inputs"
        is_measured = layer.normalizes or (self._at_start and layer.weighs)

        def given(_module: nn.Module, inputs: tuple[object, ...]) -> None:
            values = inputs[0] if inputs else None
            if not _is_plain(values) or self.calls.get(name, 0) >= MAX_CALLS:
                return
            try:
                values = values.detach()
                if is_measured:
                    place = called(name, self.calls.get(name, 0) + 1)
                    of_images = isinstance(layer.module, nn.modules.conv._ConvNd)
                    self._moments[place, of] = Moments.of(values.float(), of_images=of_images)
                self._between(values)
            except Exception as error:
                self._skip(name, error)

        return given

    def _gave(self, layer: Layer) -> Any:
        name = layer.name

        def gave(module: nn.Module, _inputs: object, output: object) -> None:
            calls = self.calls[name] = self.calls.get(name, 0) + 1
            if calls > MAX_CALLS:
                self.skipped[f"layer {name}"] = f"of its calls in one forward pass the first {MAX_CALLS} are measured"
                return
            values = output[0] if isinstance(output, tuple) and output else output
            if not _is_plain(values):
                return
            try:
                values = values.detach()
                self._note_kind(layer)
                place = called(name, calls)
                self._orders[place] = len(self._orders)
                if layer.weighs:
                    self._last_weighted, self._has_weighed = self._orders[place], True
                self._last = _Output(place, values, values._version, self._of_images)
                self._measure(place, module, values.float())
            except Exception as error:
                self._skip(name, error)

        return gave

    def _skip(self, name: str, error: Exception) -> None:
        """Go on without what a layer of an unforeseen kind doesn't let us measure."""
        self.skipped[f"layer {name}"] = str(error).split("\n", 1)[0][:300]

    def _note_kind(self, layer: Layer) -> None:
        """Notice where units stand: second in what convolutions give, last in everything else."""
        module = layer.module
        if isinstance(module, _OF_IMAGES):
            self._of_images = True
        elif layer.weighs or isinstance(module, _OF_FEATURES):
            self._of_images = False

    # -- numbers ----------------------------------------------------------------------------------------------

    def _measure(self, name: str, module: nn.Module, values: Tensor) -> None:
        self._moments[name, "outputs"] = Moments.of(values, of_images=self._of_images)
        if self._at_start and isinstance(module, nn.RNNBase) and values.dim() == 3:
            time = 1 if module.batch_first else 0
            first, last = values.select(time, 0), values.select(time, -1)
            self._scalars.put(name, "time_growth", last.abs().mean() / first.abs().mean())
        if isinstance(module, _RECTIFIERS):
            self._scalars.put(name, "_nonzero_outputs", count_nonzero(values), over=values.numel())
        if isinstance(module, _ACTIVATIONS):
            self._activations.add(name)
        if isinstance(module, _BOUNDED):
            self._scalars.put(name, "saturated_share", _saturated(values, _bounds(module)))
        elif isinstance(module, nn.RNN) and module.nonlinearity == "tanh":
            self._scalars.put(name, "saturated_share", _saturated(values, (-1.0, 1.0)))

    def _between(self, values: Tensor) -> None:
        """Measure what was done without a module to the last outputs, where it is known to be an activation."""
        last = self._last
        if last is None or not self._has_weighed or last.is_given(values):
            return
        if values.untyped_storage().data_ptr() in self._raw:
            return  # a branch of its own, of the raw inputs
        shaped = _by_units(values, last)
        if shaped is None:
            return
        low, high = torch.aminmax(values)
        if values.is_cpu and (float(low) < -1 or (float(low) < 0 and float(high) > 1)):
            return  # reading is free here, and most of what stands between modules is no activation
        name = f"{last.name} (activation)"
        of_images = last.of_images and shaped.dim() > 2
        self._moments[name, "outputs"] = Moments.of(shaped.float(), of_images=of_images)
        self._activations.add(name)
        self._orders.setdefault(name, len(self._orders))
        self._scalars.put(name, "_low", low)
        self._scalars.put(name, "_producer_low", last.values.amin() if last.is_there() else -torch.ones_like(low))
        self._scalars.put(name, "_nonzero_outputs", count_nonzero(values), over=values.numel())
        if values.shape == last.values.shape and last.is_there() and not (values.is_cpu and float(low) == 0):
            for kind, bounds in (("tanh", (-1.0, 1.0)), ("sigmoid", (0.0, 1.0))):
                expected = torch.tanh(last.values) if kind == "tanh" else torch.sigmoid(last.values)
                self._scalars.put(name, f"_is_{kind}", (values - expected).abs().amax())
                self._scalars.put(name, f"_saturated_{kind}", _saturated(values.float(), bounds))


def called(name: str, call: int) -> str:
    """Return the name of the n-th call of a module."""
    return name if call == 1 else f"{name}#{call}"


def _is_plain(value: object) -> TypeGuard[Tensor]:
    return (
        isinstance(value, Tensor)
        # What vmap hands through doesn't outlive it. The question can't be translated with a model that is compiled.
        and (torch.compiler.is_compiling() or not is_functorch_wrapped_tensor(value))
        and value.is_floating_point()
        and value.numel() > 0
        and value.layout == torch.strided
        and value.dim() > 0
    )


def _bounds(module: nn.Module) -> tuple[float, float]:
    if isinstance(module, nn.Hardtanh):
        return float(module.min_val), float(module.max_val)
    return (0.0, 1.0) if isinstance(module, _FROM_ZERO) else (-1.0, 1.0)


def _saturated(values: Tensor, bounds: tuple[float, float]) -> Tensor:
    middle, reach = (bounds[0] + bounds[1]) / 2, (bounds[1] - bounds[0]) / 2
    near = _NEAR * (1 if bounds[0] < 0 else 2)
    return torch.count_nonzero((values - middle).abs_() > reach * (1 - near)) / values.numel()


def _by_units(values: Tensor, last: _Output) -> Tensor | None:
    """Return what a module is given, laid out by the units of the last outputs; None where they are other units."""
    units = last.units
    if last.of_images and last.values.dim() > 2:
        if values.dim() > 2 and values.shape[1] == units:
            return values
        if values.dim() == 2 and values.shape[1] % units == 0 and values.shape[0] == last.values.shape[0]:
            return torch.unflatten(values, 1, (units, -1))  # pooled and flattened
        return None
    return values if values.dim() >= 2 and values.shape[-1] == units else None


def _functional(found: dict[str, Any]) -> dict[str, Any] | None:
    """Return the fields of a record; None for what stood between two modules and was no activation that is known."""
    if "_low" not in found:
        return found
    low, producer = found.pop("_low"), found.pop("_producer_low")
    private = {key: found.pop(key) for key in list(found) if key.startswith("_")}
    if low == 0 and found["zero_share"] > 0 and producer < 0:
        return {**found, "kind": "ReLU"}
    del found["zero_share"], found["dead_share"]
    for kind in ("tanh", "sigmoid"):
        if private.get(f"_is_{kind}", 1.0) < 1e-3:
            return {**found, "kind": kind.title(), "saturated_share": private[f"_saturated_{kind}"]}
    return None
