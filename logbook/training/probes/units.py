"""What each unit of a layer did over the rows and places of the probe batch, and what that says of the layer.

The moments of units are taken on the device, where the values are, in a handful of operations. What follows from them
is worked out on the host: of a few hundred numbers that costs less than asking a device for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

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

    table: Tensor
    """[3, U]: the sum and the sum of squares about the first value, and the first value."""
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
        table = torch.stack([sums, apart.mul_(apart).sum(dims), first.reshape(-1)])
        return cls(table, values.numel() // max(1, first.numel()))


class Units:
    """What the units of one layer did, in double precision: `mean` is over them all."""

    def __init__(self, table: Array, count: int) -> None:
        sums, squares, self._first = table.astype(np.float64)
        apart = sums / count
        self._means = apart + self._first
        self._variances = np.maximum(squares / count - apart * apart, 0)
        self.mean = _mean(self._means)
        self.within = _mean(self._variances)
        """The mean over units of a unit's variance."""
        away = self._means - self.mean
        self.across = _mean(away * away)
        """The variance over units of a unit's mean."""

    @property
    def dead(self) -> float:
        """The share of units that are 0 on every row."""
        return _mean((self._variances == 0) & (self._first == 0))

    @property
    def constant(self) -> float:
        """The share of units that vary far less than the others, or than their own mean."""
        bound = np.maximum(self.within * _CONSTANT**2, (self._means * _ROUNDING) ** 2)
        return _mean((self._variances <= bound) & np.isfinite(self._variances))


def _mean(values: Array) -> float:
    """Return the mean; of a few numbers NumPy's own takes five times as long."""
    return float(np.add.reduce(values, dtype=np.float64)) / len(values)


def read_units(held: Mapping[K, Moments]) -> dict[K, Units]:
    """Return the units of layers, by any name; what is on a device is read back in one transfer."""
    tables = _on_host([moments.table for moments in held.values()])
    with np.errstate(all="ignore"):  # activations may be infinite, or NaN
        return {name: Units(table, held[name].count) for name, table in zip(held, tables, strict=True)}


def _on_host(tables: list[Tensor]) -> list[Array]:
    if all(table.is_cpu for table in tables):
        return [table.numpy() for table in tables]
    whole = torch.cat([table.to(tables[0].device) for table in tables], 1).cpu().numpy()
    return np.split(whole, np.cumsum([table.shape[1] for table in tables])[:-1], axis=1)
