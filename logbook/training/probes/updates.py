"""Gradients and updates, at a few sampled steps of an epoch: what came, and how far each parameter was moved.

Parameters are taken together in fused operations, and nothing waits for the device before the epoch's end. On the
CPU, where looking is free, entries that aren't finite are counted only where a norm isn't finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.gradients import gradient_entries
from logbook.training.probes.modules import Layer, same_rows
from logbook.training.probes.scalars import read_back

__all__ = ["UpdateWatch", "sampled"]

MOST_SAMPLES = 5
STEPS_A_SAMPLE = 20
"""A sample costs about half a step of a small network: one in twenty steps keeps it near the noise."""

_LEAST_NORM = 1e-12
"""Weights smaller than this have no share that they are moved by: a layer that begins at 0 makes any step infinite."""


def sampled(step: int, steps: int) -> bool:
    """Say whether a step, from 0, of an epoch of `steps` is one that is measured: up to five, the last among them."""
    return step in _chosen(steps)


@lru_cache(maxsize=16)
def _chosen(steps: int) -> frozenset[int]:
    samples = min(MOST_SAMPLES, max(1, steps // STEPS_A_SAMPLE))
    return frozenset((place * steps) // samples - 1 for place in range(1, samples + 1))


@dataclass
class _Sample:
    """One sampled step: the parameters that had gradients, and tensors of one element for each."""

    places: list[int]
    parameters: list[Tensor]
    before: list[Tensor]
    norms: list[Tensor]
    sums: list[Tensor]
    nonzero: list[Tensor]
    nonfinite: list[Tensor]
    weights: list[Tensor] = field(default_factory=list)
    moved: list[Tensor] = field(default_factory=list)


@dataclass
class _Numbers:
    """What a parameter was at one sampled step."""

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
        try:
            self._samples.append(self._gradients())
        except Exception as error:  # parameters of an unforeseen kind
            self.skipped["gradients"] = str(error).split("\n", 1)[0][:300]

    @torch.no_grad()
    def after_update(self) -> None:
        """Call after the optimizer's step."""
        sample = self._samples[-1] if self._samples else None
        if sample is None or not sample.before or sample.moved:
            return
        try:
            sample.weights = list(torch._foreach_norm(sample.before, 2))
            torch._foreach_sub_(sample.before, [parameter.detach() for parameter in sample.parameters])
            sample.moved = list(torch._foreach_norm(sample.before, 2))
        except Exception as error:
            sample.weights, sample.moved = [], []
            self.skipped["updates"] = str(error).split("\n", 1)[0][:300]
        sample.before = []

    def _gradients(self) -> _Sample:
        listed = [(place, p) for place, (_, _, p) in enumerate(self._named) if p.grad is not None]
        parameters: list[Tensor] = [parameter for _, parameter in listed]
        gradients = gradient_entries(parameters)
        norms = list(torch._foreach_norm(gradients, 2)) if gradients else []
        return _Sample(
            places=[place for place, _ in listed],
            parameters=parameters,
            before=[parameter.detach().clone() for parameter in parameters],
            norms=norms,
            sums=list(torch._foreach_norm(gradients, 1)) if gradients else [],
            nonzero=[torch.count_nonzero(gradient) for gradient in gradients],
            nonfinite=[_nonfinite(entries, norm) for entries, norm in zip(gradients, norms, strict=True)],
        )

    def fields(self) -> dict[str, dict[str, Any]]:
        """Return the fields of each layer's record, and settle which parameters are `unchanged`."""
        steps = _read(self._samples)
        self._samples.clear()
        found: dict[str, dict[str, Any]] = {}
        own: dict[int, list[int]] = {}
        for index, (place, _, _) in enumerate(self._named):
            own.setdefault(place, []).append(index)
        for place, indices in own.items():
            at_steps = [[step[index] for index in indices if index in step] for step in steps]
            if any(at_steps):
                found[self._layers[place].name] = _layer([numbers for numbers in at_steps if numbers])
        self.unchanged = tuple(path for index, (_, path, _) in enumerate(self._named) if _is_unchanged(index, steps))
        return found


def _named(layers: list[Layer]) -> Iterator[tuple[int, str, nn.Parameter]]:
    """Yield the place of its layer, the path and the parameter; one that two layers share belongs to the first."""
    seen = set[int]()
    for place, layer in enumerate(layers):
        for own, parameter in layer.parameters:
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield place, f"{layer.name}.{own}", parameter


@torch.no_grad()
def identical_gradients(matrix: Tensor) -> Tensor | None:
    """Return the share of units whose gradient another one has too; None where there is no gradient."""
    gradient = matrix.grad if matrix.is_leaf else None
    return None if gradient is None or gradient.layout != torch.strided else same_rows(gradient)


def _nonfinite(entries: Tensor, norm: Tensor) -> Tensor:
    if entries.is_cpu and math.isfinite(float(norm)):
        return torch.zeros(())
    return entries.numel() - torch.count_nonzero(torch.isfinite(entries))


def _read(samples: list[_Sample]) -> list[dict[int, _Numbers]]:
    """Return the numbers of each sampled step by the place of the parameter, in one read-back."""
    columns = [(s.norms, s.sums, s.nonzero, s.nonfinite, s.weights, s.moved) for s in samples]
    numbers = iter(read_back([value for parts in columns for column in parts for value in column]))
    steps = []
    for sample, parts in zip(samples, columns, strict=True):
        rows = [[next(numbers) for _ in column] for column in parts if column]
        steps.append(
            {
                place: _Numbers(sample.parameters[row].numel(), *(part[row] for part in rows))
                for row, place in enumerate(sample.places)
            }
        )
    return [step for step in steps if step]


def _layer(steps: list[list[_Numbers]]) -> dict[str, Any]:
    """Return what the record of a layer says, of its parameters at each sampled step."""
    sizes = [sum(one.size for one in step) for step in steps]
    norms = [_root(one.norm for one in step) for step in steps]
    ratios = [
        _root(one.moved for one in step) / weight
        for step in steps
        if (weight := _root(one.weight for one in step)) > _LEAST_NORM
    ]
    zeros = [1 - sum(one.nonzero for one in step) / size for step, size in zip(steps, sizes, strict=True)]
    sums = [sum(one.total for one in step) / size for step, size in zip(steps, sizes, strict=True)]
    found: dict[str, Any] = {
        "gradient_norm": median(norms),
        "gradient_abs_mean": median(sums),
        "gradient_zero_share": sum(zeros) / len(zeros),
        "gradient_nonfinite": int(sum(one.nonfinite for step in steps for one in step)),
    }
    return {**found, "update_ratio": median(ratios)} if ratios else found


def _is_unchanged(index: int, steps: list[dict[int, _Numbers]]) -> bool:
    """Say whether a parameter had a gradient at a sampled step, and no step that it had one at changed a bit of it.

    A gradient that isn't finite counts for none: float16's loss scaling leaves such a step out.
    """
    moves = [one.moved for step in steps if (one := step.get(index)) and 0 < one.norm < math.inf]
    return bool(moves) and all(move == 0 for move in moves)


def _root(values: Iterator[float]) -> float:
    return math.sqrt(sum(value * value for value in values))
