"""Gradients and updates, at a few sampled steps of an epoch: what came, and how far each parameter was moved.

Parameters are taken together in fused operations, and nothing waits for the device before the epoch's end. On the
CPU, where looking is free, entries that aren't finite are counted only where a norm isn't finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, islice
from statistics import median
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from logbook.training.gradients import gradient_entries
from logbook.training.probes.modules import Layer, same_rows
from logbook.training.probes.reductions import count_nonzero, sum_sizes
from logbook.training.probes.scalars import Held, hold, read_back

__all__ = ["UpdateWatch", "sampled"]

MOST_SAMPLES = 5
STEPS_A_SAMPLE = 25
"""A sample costs about a third of a step of a small network: one in 25 steps keeps it near the noise."""

_LEAST_NORM = 1e-12
"""Weights smaller than this have no share that they are moved by: a layer that begins at 0 makes any step infinite."""

_ROUNDING = 1e-5
"""Norm of a gradient over the largest of all parameters: biases before a batch normalization came to 1e-9 to 4e-7."""


def sampled(step: int, steps: int) -> bool:
    """Say whether a step, from 0, of an epoch of `steps` is one that is measured: up to five, the last among them."""
    return step in _chosen(steps)


@lru_cache(maxsize=16)
def _chosen(steps: int) -> frozenset[int]:
    samples = min(MOST_SAMPLES, max(1, steps // STEPS_A_SAMPLE))
    return frozenset((place * steps) // samples - 1 for place in range(1, samples + 1))


@dataclass
class _Sample:
    """One sampled step: the parameters that had gradients, and a number for each in every list."""

    places: list[int]
    parameters: list[Tensor]
    before: list[Tensor]
    norms: list[Held]
    sums: list[Held]
    nonzero: list[Held]
    nonfinite: list[Held]
    weights: list[Held] = field(default_factory=list)
    moved: list[Held] = field(default_factory=list)


class _Numbers(NamedTuple):
    """What a parameter, or a layer as a whole, was at one sampled step."""

    size: int
    norm: float
    total: float
    nonzero: float
    nonfinite: float
    weight: float = math.nan
    moved: float = math.nan


class UpdateWatch:
    """Collects samples; `fields` reads them back."""

    def __init__(self, layers: list[Layer]) -> None:
        self._layers = layers
        self._named = list(_named(layers))
        self._samples: list[_Sample] = []
        self.unchanged: tuple[str, ...] = ()
        self.kept = False
        self.skipped: dict[str, str] = {}

    @torch.no_grad()
    def after_clearing(self) -> None:
        """Call after `zero_grad`: a gradient that is there still is added to the next one."""
        gradients = gradient_entries([parameter for _, _, parameter in self._named])
        self.kept = self.kept or any(bool(gradient.any()) for gradient in gradients)

    @torch.no_grad()
    def before_update(self) -> None:
        """Call between backward and the optimizer's step: gradients are there, weights not yet moved."""
        listed = [(place, one.parameter) for place, one in enumerate(self._named) if one.parameter.grad is not None]
        if not listed:
            return
        try:
            self._samples.append(_sample(listed))
        except Exception as error:  # parameters of an unforeseen kind
            self.skipped["gradients"] = str(error).split("\n", 1)[0][:300]

    @torch.no_grad()
    def after_update(self) -> None:
        """Call after the optimizer's step."""
        sample = self._samples[-1] if self._samples else None
        if sample is None or not sample.before:
            return
        try:
            weights = _norms(sample.before)
            torch._foreach_sub_(sample.before, [parameter.detach() for parameter in sample.parameters])
            sample.weights, sample.moved = weights, _norms(sample.before)
        except Exception as error:
            self.skipped["updates"] = str(error).split("\n", 1)[0][:300]
        sample.before = []

    def fields(self) -> dict[str, dict[str, Any]]:
        """Return the fields of each layer's record, and settle which parameters are `unchanged`."""
        steps = _read(self._samples)
        self._samples.clear()
        found: dict[str, dict[str, Any]] = {}
        for layer, places in groupby(range(len(self._named)), lambda place: self._named[place].layer):
            own = list(places)
            at_steps = [[step[place] for place in own if place in step] for step in steps]
            if any(at_steps):
                found[self._layers[layer].name] = _layer([_together(numbers) for numbers in at_steps if numbers])
        self.unchanged = tuple(one.path for place, one in enumerate(self._named) if _is_unchanged(place, steps))
        return found


class _Named(NamedTuple):
    """A parameter: the place of its layer, its path, and itself."""

    layer: int
    path: str
    parameter: nn.Parameter


def _named(layers: list[Layer]) -> Iterator[_Named]:
    """Yield every parameter once; one that two layers share belongs to the first."""
    seen = set[int]()
    for place, layer in enumerate(layers):
        for own, parameter in layer.parameters:
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield _Named(place, f"{layer.name}.{own}", parameter)


@torch.no_grad()
def identical_gradients(matrix: Tensor) -> Tensor | None:
    """Return the share of units whose gradient another one has too; None where there is no gradient."""
    gradient = matrix.grad if matrix.is_leaf else None
    return None if gradient is None or gradient.layout != torch.strided else same_rows(gradient)


def _sample(listed: list[tuple[int, nn.Parameter]]) -> _Sample:
    """Measure the gradients of parameters, given with their places, and keep what they are before the step."""
    parameters: list[Tensor] = [parameter for _, parameter in listed]
    gradients = gradient_entries(parameters)
    norms = _norms(gradients)
    return _Sample(
        places=[place for place, _ in listed],
        parameters=parameters,
        before=[parameter.detach().clone() for parameter in parameters],
        norms=norms,
        sums=[hold(total) for total in sum_sizes(gradients)],
        nonzero=[hold(count_nonzero(entries)) for entries in gradients],
        nonfinite=[_nonfinite(entries, norm) for entries, norm in zip(gradients, norms, strict=True)],
    )


def _norms(tensors: list[Tensor]) -> list[Held]:
    return [hold(norm) for norm in torch._foreach_norm(tensors, 2)]


def _nonfinite(entries: Tensor, norm: Held) -> Held:
    if isinstance(norm, float) and math.isfinite(norm):
        return 0.0
    return hold(entries.numel() - torch.count_nonzero(torch.isfinite(entries)))


def _read(samples: list[_Sample]) -> list[dict[int, _Numbers]]:
    """Return the numbers of each sampled step by the place of the parameter, in one read-back."""
    columns = [(s.norms, s.sums, s.nonzero, s.nonfinite, s.weights, s.moved) for s in samples]
    numbers = iter(read_back([value for parts in columns for column in parts for value in column]))
    steps = []
    for sample, parts in zip(samples, columns, strict=True):
        sizes = [parameter.numel() for parameter in sample.parameters]
        read = [list(islice(numbers, len(column))) for column in parts if column]
        steps.append(dict(zip(sample.places, map(_Numbers, sizes, *read), strict=True)))
    return steps


def _together(parameters: list[_Numbers]) -> _Numbers:
    """Return the numbers of a layer from those of its parameters."""
    size, norms, totals, nonzero, nonfinite, weights, moved = zip(*parameters, strict=True)
    return _Numbers(
        sum(size),
        math.hypot(*norms),
        sum(totals),
        sum(nonzero),
        sum(nonfinite),
        math.hypot(*weights),
        math.hypot(*moved),
    )


def _layer(steps: list[_Numbers]) -> dict[str, Any]:
    """Return what the record of a layer says, of its numbers at each sampled step."""
    ratios = [step.moved / step.weight for step in steps if step.weight > _LEAST_NORM]
    found: dict[str, Any] = {
        "gradient_norm": median(step.norm for step in steps),
        "gradient_abs_mean": median(step.total / step.size for step in steps),
        "gradient_zero_share": sum(1 - step.nonzero / step.size for step in steps) / len(steps),
        "gradient_nonfinite": int(sum(step.nonfinite for step in steps)),
    }
    return {**found, "update_ratio": median(ratios)} if ratios else found


def _is_unchanged(place: int, steps: list[dict[int, _Numbers]]) -> bool:
    """Say whether a parameter had a gradient at a sampled step, and no step that it had one at changed a bit of it.

    A gradient that isn't finite counts for none: float16's loss scaling leaves such a step out. So does one that is
    next to nothing beside the others: what a normalization takes away again has no gradient but rounding.
    """
    moves = [one.moved for step in steps if (one := step.get(place)) and _least(step) < one.norm < math.inf]
    return bool(moves) and all(move == 0 for move in moves)


def _least(step: dict[int, _Numbers]) -> float:
    """Return the norm below which the gradient of a parameter is rounding."""
    return _ROUNDING * max((one.norm for one in step.values() if math.isfinite(one.norm)), default=0.0)
