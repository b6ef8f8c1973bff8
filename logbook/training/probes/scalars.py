"""Numbers on the device, by layer and field, that travel to the host together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor

__all__ = ["Held", "Scalars", "hold", "read_back"]

Held: TypeAlias = Tensor | float
"""A number that has been measured, and may be on its device still."""


class Scalars:
    """Collects numbers by `(layer, field)`; `read` is the only time the host waits for a device."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[Held, int]] = {}

    def put(self, layer: str, field: str, value: Tensor, *, over: int = 1) -> None:
        """Keep a number, to be divided on the host; the same field of the same layer again replaces it."""
        self._held[layer, field] = hold(value), over

    def read(self) -> dict[str, dict[str, float]]:
        """Return the numbers by layer and field, and forget them."""
        found: dict[str, dict[str, float]] = {}
        numbers = read_back([value for value, _ in self._held.values()])
        for ((layer, field), (_, over)), number in zip(self._held.items(), numbers, strict=True):
            found.setdefault(layer, {})[field] = number / over
        self._held.clear()
        return found


def hold(value: Tensor) -> Held:
    """Return a tensor of one element as it is to be kept: read on a CPU, where that is free, and else left there."""
    return value.item() if value.is_cpu else value


def read_back(values: Sequence[Held]) -> list[float]:
    """Return numbers, in one transfer of those that are on a device; a model over several devices has one for each."""
    tensors = [value.float() for value in values if isinstance(value, Tensor)]
    if len({tensor.device for tensor in tensors}) > 1:
        tensors = [tensor.cpu() for tensor in tensors]
    read = iter(torch.stack(tensors).tolist() if tensors else [])
    return [next(read) if isinstance(value, Tensor) else float(value) for value in values]
