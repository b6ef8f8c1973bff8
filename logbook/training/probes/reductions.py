"""Reductions over all entries of a tensor that torch's own kernels are slow at on a CPU, by three to ten times.

Where a tensor is small, and on an accelerator, it is the number of calls that costs: there torch's own is asked.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["count_nonzero", "deviation", "sum_sizes"]

_LARGE = 2**14
"""Entries from which two or three quick passes over them take less time than one slow one."""


def count_nonzero(values: Tensor) -> Tensor:
    """Return how many entries are not 0, a NaN among them."""
    # torch branches at every entry, which nothing can predict behind a ReLU.
    return torch.count_nonzero(values.bool() if _is_slow(values) else values)


def sum_sizes(tensors: list[Tensor]) -> list[Tensor]:
    """Return the sum of absolute entries of each tensor."""
    slow = {place: values.abs().sum() for place, values in enumerate(tensors) if _is_slow(values)}
    others = [values for place, values in enumerate(tensors) if place not in slow]
    quick = iter(torch._foreach_norm(others, 1) if others else ())
    return [slow[place] if place in slow else next(quick) for place in range(len(tensors))]


def deviation(values: Tensor) -> Tensor:
    """Return the standard deviation of at least two entries."""
    if not _is_slow(values):
        return values.std()
    apart = values.flatten()
    apart = apart - apart[0]  # entries that are all the same deviate by exactly 0
    apart -= apart.mean()
    norm: Tensor = torch.linalg.vector_norm(apart)
    # Squares of entries above 1e19 overflow; torch's own takes them in double precision.
    return norm / math.sqrt(apart.numel() - 1) if math.isfinite(float(norm)) else values.std()


def _is_slow(values: Tensor) -> bool:
    return values.is_cpu and values.numel() > _LARGE
