"""What each unit of a layer did over the rows and places of the probe batch, and what that says of the layer.

The moments of units are taken on the device, where the values are, in a handful of operations. What follows from them
is worked out on the host: of a few hundred numbers that costs less than asking a device for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from logbook.training.data.arrays import Array

__all__ = ["Moments", "Units", "read_units"]

K = TypeVar("K")

_CONSTANT = 1e-4
"""A unit is constant that varies by less than this share of what the layer's units vary by."""

_ROUNDING = 1e-6
"""… or than this share of its own mean: single precision tells no less apart."""


@dataclass(frozen=True)
class Moments:
    """The moments of a layer's units, over `count` rows and places, on the device."""

    sums: Tensor
    """[U]: about the first value; so are the squares."""
    squares: Tensor
    first: Tensor
    count: int

    @classmethod
    def of(cls, values: Tensor, *, of_images: bool) -> Moments:
        """Take them about each unit's first value: one that is constant varies by exactly 0, however large it is.

        Units stand second in what convolutions give, last in everything else.
        """
        if values.dim() == 1:
            values = values[:, None]
        dims = (0, *range(2, values.dim())) if of_images and values.dim() > 2 else tuple(range(values.dim() - 1))
        first = values
        for dim in dims:
            first = first.narrow(dim, 0, 1)
        apart = values - first
        sums = apart.sum(dims)
        return cls(sums, apart.mul_(apart).sum(dims), first.reshape(-1), values.numel() // max(1, first.numel()))


class Units(NamedTuple):
    """What the units of one layer did."""

    mean: float
    """Over all units."""
    within: float
    """The mean over units of a unit's variance."""
    across: float
    """The variance over units of a unit's mean."""
    dead: float
    """The share of units that are 0 on every row."""
    constant: float
    """The share of units that vary far less than the others, or than their own mean."""


def read_units(held: Mapping[K, Moments]) -> dict[K, Units]:
    """Return the units of layers, by any name; what is on a device is read back in one transfer.

    All layers are worked out together, in double precision: of a few hundred numbers each call costs more than what it
    works out.
    """
    if not held:
        return {}
    widths = np.array([len(moments.first) for moments in held.values()])
    counts = np.array([moments.count for moments in held.values()])
    with np.errstate(all="ignore"):  # activations may be infinite, or NaN
        columns = _summed(_on_host(list(held.values())), widths, counts)
    return dict(zip(held, map(Units, *(column.tolist() for column in columns)), strict=True))


def _summed(table: Array, widths: Array, counts: Array) -> tuple[Array, ...]:
    """Return the numbers of `Units`, each [layers], from the moments of units [3, U], `widths` of them a layer."""
    starts = np.cumsum(widths) - widths

    def over_units(values: Array) -> Array:
        return np.add.reduceat(values, starts) / widths

    sums, squares, first = table
    rows = np.repeat(counts, widths)
    apart = sums / rows
    means = apart + first
    variances = np.maximum(squares / rows - apart * apart, 0)
    mean, within = over_units(means), over_units(variances)
    away = means - np.repeat(mean, widths)
    is_dead = (variances == 0) & (first == 0)
    is_constant = variances <= np.maximum(np.repeat(within, widths) * _CONSTANT**2, (means * _ROUNDING) ** 2)
    is_constant &= np.isfinite(variances)
    dead, constant = (over_units(one.view(np.int8).astype(np.float64)) for one in (is_dead, is_constant))
    return mean, within, over_units(away * away), dead, constant


def _on_host(held: list[Moments]) -> Array:
    """Return the moments of all layers' units [3, U], in double precision."""
    parts = [[one.sums for one in held], [one.squares for one in held], [one.first for one in held]]
    if all(first.is_cpu for first in parts[-1]):
        flat = [part.numpy() for row in parts for part in row]
        return np.concatenate(flat, dtype=np.float64).reshape(3, -1)
    device = held[0].first.device
    whole = torch.cat([part.to(device, torch.float32) for row in parts for part in row])
    return whole.cpu().numpy().astype(np.float64).reshape(3, -1)
