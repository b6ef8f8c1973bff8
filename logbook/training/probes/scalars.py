"""Numbers on the device, by layer and field, that travel to the host together."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["Scalars", "read_back"]


class Scalars:
    """Collects tensors of one element by `(layer, field)`; `read` is the only time the host waits for the device."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Tensor] = {}

    def put(self, layer: str, field: str, value: Tensor) -> None:
        """Keep a number; the same field of the same layer again replaces it."""
        self._held[layer, field] = value

    def read(self) -> dict[str, dict[str, float]]:
        """Return the numbers by layer and field, and forget them."""
        found: dict[str, dict[str, float]] = {}
        for (layer, field), value in zip(self._held, read_back(list(self._held.values())), strict=True):
            found.setdefault(layer, {})[field] = value
        self._held.clear()
        return found


def read_back(values: Sequence[Tensor]) -> list[float]:
    """Return tensors of one element as numbers, in one transfer; a model over several devices has one for each."""
    if not values:
        return []
    plain = [value if value.dtype == torch.float32 else value.float() for value in values]
    if len({value.device for value in plain}) > 1:
        plain = [value.cpu() for value in plain]
    numbers: list[float] = torch.stack(plain).tolist()
    return numbers
