"""Layer by layer: weights, gradients, the size of updates, activations on the probe batch.

Works on any module and depends on no loop: whoever trains calls `before_update` and `after_update` round the steps
that `samples` names, `weights` and `activations` at the epoch's end, then `records`. All numbers of one measurement
travel to the host at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from logbook.training.probes.activations import MAX_CALLS, ActivationWatch, called
from logbook.training.probes.modules import MAX_LAYERS, Layer, layers_of, leaf_modules
from logbook.training.probes.scalars import Scalars
from logbook.training.probes.updates import UpdateWatch, sampled
from logbook.training.probes.weights import measure_weights, weight_fields
from logbook_schemas.records.measures import LayerRecord

__all__ = ["MAX_CALLS", "MAX_LAYERS", "LayerProbe", "batch_statistics", "leaf_modules"]


class LayerProbe:
    """One measurement of every layer. What can't be measured is left out, and `skipped` says by layer why.

    `at_start` compares the units of each layer with one another too, which an untrained network is asked.
    """

    def __init__(self, model: nn.Module, *, at_start: bool = False) -> None:
        self.model = model
        self._skipped: dict[str, str] = {}
        self.layers = layers_of(model, self._skipped)
        self._by_name = {layer.name: layer for layer in self.layers}
        self._at_start = at_start
        self._scalars = Scalars()
        self._updates = UpdateWatch(self.layers)
        self._activations = ActivationWatch(model, self.layers, self._scalars, at_start=at_start)

    @property
    def skipped(self) -> dict[str, str]:
        """What could not be measured, and why."""
        return {**self._updates.skipped, **self._activations.skipped, **self._skipped}

    @property
    def unchanged(self) -> tuple[str, ...]:
        """Parameters that had a gradient and were not moved; known once `records` has been called."""
        return self._updates.unchanged

    def samples(self, step: int, steps: int) -> bool:
        """Say whether a step, from 0, of an epoch is to be measured."""
        return sampled(step, steps)

    @property
    def kept(self) -> bool:
        """Whether a gradient of the step before was there still when a sampled step began."""
        return self._updates.kept

    def after_clearing(self) -> None:
        """Call where a step begins, with the gradients of the one before cleared."""
        self._updates.after_clearing()

    def before_update(self) -> None:
        """Call between backward and the optimizer's step: gradients are there, weights not yet moved."""
        self._updates.before_update()

    def after_update(self) -> None:
        """Call after the optimizer's step."""
        self._updates.after_update()

    def weights(self) -> None:
        """Measure the weights as they are; inside `untouched`, since a parametrized weight may keep state."""
        try:
            measure_weights(self.layers, self._scalars, at_start=self._at_start)
        except Exception:  # a layer of an unforeseen kind: the others are measured one by one
            for layer in self.layers:
                self._weights_of(layer)

    def _weights_of(self, layer: Layer) -> None:
        try:
            measure_weights([layer], self._scalars, at_start=self._at_start)
        except Exception as error:
            self._skipped[f"layer {layer.name}"] = str(error).split("\n", 1)[0][:300]

    @contextmanager
    def activations(self) -> Iterator[None]:
        """Measure the outputs of every layer during the one forward pass of the block."""
        with self._activations.watching():
            yield

    def records(self) -> tuple[LayerRecord, ...]:
        """Return what was measured, one record a layer and call; the only time the host waits for the device."""
        measured: dict[str, dict[str, Any]] = {**self._scalars.read()}
        for layer in self.layers:
            if layer.name in measured:
                measured[layer.name].update(weight_fields(layer, measured[layer.name]))
        for name, fields in self._updates.fields().items():
            measured[name] = {**measured.get(name, {}), **fields}
        measured = self._activations.fields(measured)
        return tuple(self._record(name, fields) for name, fields in self._in_order(measured))

    def _in_order(self, measured: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
        calls = self._activations.calls
        for layer in self.layers:
            for call in range(1, max(1, min(calls.get(layer.name, 1), MAX_CALLS)) + 1):
                place = called(layer.name, call)
                if place in measured:
                    yield place, measured[place]
                if (behind := f"{place} (activation)") in measured:
                    yield behind, measured[behind]

    def _record(self, name: str, fields: dict[str, Any]) -> LayerRecord:
        layer = self._by_name.get(name)
        if layer is not None:
            return LayerRecord(name=name, kind=layer.kind, parameters=layer.size, **fields)
        if "kind" in fields:
            return LayerRecord(name=name, **fields)
        return LayerRecord(name=name, kind=self._by_name[name.rsplit("#", 1)[0]].kind, **fields)


@contextmanager
def batch_statistics(model: nn.Module) -> Iterator[bool]:
    """Let batch normalization take each batch's own statistics; yields whether there is any.

    An untrained network's running averages are 0 and 1: what it says in evaluation mode isn't normalized at all.
    Use inside `untouched`: the averages are moved.
    """
    found = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and not m.training]
    for module in found:
        module.training = True
    try:
        yield bool(found)
    finally:
        for module in found:
            module.training = False
