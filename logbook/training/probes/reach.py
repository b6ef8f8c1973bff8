"""What outputs a model can give at all: tried with random weights, small and large, which are put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, sqrt

import torch
from torch import Tensor, nn

from logbook.training.probes.examples import relative_spread
from logbook.training.probes.passes import Passes

__all__ = ["Reach", "TooLargeError", "probe_reach", "random_weights"]

_ROWS = 32
_DRAWS = 3
_MORE_DRAWS = 12
"""Of a small model, which costs little: with three draws, a sigmoid over four rows may well end at one side only."""

_SMALL = 200_000
_FEW_ENTRIES = 16_384
"""Parameters of a model, and entries of the rows, up to which a pass costs so little."""
_GAINS = (10.0, 100.0)
"""Random weights let a layer grow its inputs about so many times: what is bounded saturates at both."""

_LARGEST = 5_000_000
"""Parameters of a model that is tried with other weights: six draws of so many take about 0.3 s (measured)."""

_SAME = 0.02
"""Relative difference between the two gains up to which an end of the range counts as a bound."""


class TooLargeError(Exception):
    """The model has so many parameters that trying others would take too long."""


@dataclass(frozen=True)
class Reach:
    """Between what the outputs lie, None where there is no bound, and how much rows differ at most."""

    low: float | None = None
    high: float | None = None
    constant: float | None = None
    spread: float | None = None


def probe_reach(passes: Passes) -> Reach:
    """Return the reach of a model's outputs; raises TooLargeError."""
    parameters = [p for p in passes.model.parameters() if p.is_floating_point() and p.numel()]
    if not parameters:
        return Reach()
    size = sum(p.numel() for p in parameters)
    if size > _LARGEST:
        raise TooLargeError(f"the model has more than {_LARGEST:,} parameters")
    rows = passes.inputs[:_ROWS]
    draws = _MORE_DRAWS if size <= _SMALL and rows.numel() <= _FEW_ENTRIES else _DRAWS
    ranges, spreads = [], []
    for gain in _GAINS:
        drawn = [_outputs(passes, rows, parameters, gain, seed) for seed in range(draws)]
        spreads += [relative_spread(outputs) for outputs in drawn]
        together = torch.cat(drawn)
        finite = together[together.isfinite()]
        if not finite.numel():
            return Reach()
        is_whole = finite.numel() == together.numel()
        ranges.append((float(finite.min()), float(finite.max()), is_whole))
    small, large = ranges
    spread = max((one for one in spreads if one is not None), default=None)
    if small[:2] == large[:2] and small[0] == small[1]:
        return Reach(constant=small[0], spread=spread)
    low, high = (_bound(small[end], large[end], is_whole=small[2] and large[2]) for end in (0, 1))
    return Reach(low=low, high=high, spread=spread)


def _bound(small: float, large: float, *, is_whole: bool) -> float | None:
    """Return an end of the range where it is the same at both gains. Where values overflowed nothing is known."""
    same = abs(small - large) <= _SAME * max(1.0, abs(small))
    return large if is_whole and same and isfinite(large) else None


def _outputs(passes: Passes, rows: Tensor, parameters: list[nn.Parameter], gain: float, seed: int) -> Tensor:
    with random_weights(parameters, gain=gain, seed=seed):
        return passes(rows)


@contextmanager
@torch.no_grad()
def random_weights(parameters: list[nn.Parameter], *, gain: float, seed: int = 0) -> Iterator[None]:
    """Fill parameters with random numbers, and put back what they were, whatever happens."""
    kept = [parameter.detach().clone() for parameter in parameters]
    generator = torch.Generator(parameters[0].device).manual_seed(seed)
    try:
        for parameter in parameters:
            fan_in = parameter.numel() / len(parameter) if parameter.ndim > 1 else 1.0
            parameter.normal_(0.0, gain / sqrt(fan_in), generator=generator)
        yield
    finally:
        for parameter, value in zip(parameters, kept, strict=True):
            parameter.copy_(value)
