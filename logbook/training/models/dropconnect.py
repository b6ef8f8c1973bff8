"""Layers that drop weights while they train (Wan et al. 2013).

One mask is drawn for a batch, not one for each example as in the paper: that would make a matrix of weights for each
example. What stays is divided by the probability of staying, so that the mean of a unit's input is the same with all
weights, which is what evaluation takes. A bias is never dropped.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["DropConnectConv2d", "DropConnectLinear"]


class DropConnectLinear(nn.Linear):
    """A linear layer, each weight of which is 0 with probability `drop` while it trains."""

    def __init__(self, inputs: int, outputs: int, *, drop: float, **options: Any) -> None:
        super().__init__(inputs, outputs, **options)
        self.drop = drop

    def forward(self, input: Tensor) -> Tensor:
        return functional.linear(input, functional.dropout(self.weight, self.drop, self.training), self.bias)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, drop={self.drop:g}"


class DropConnectConv2d(nn.Conv2d):
    """A convolution, each weight of which is 0 with probability `drop` while it trains."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, drop: float, **options: Any) -> None:
        super().__init__(inputs, outputs, kernel, **options)
        self.drop = drop

    def forward(self, input: Tensor) -> Tensor:
        weight = functional.dropout(self.weight, self.drop, self.training)
        outputs: Tensor = self._conv_forward(input, weight, self.bias)
        return outputs

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, drop={self.drop:g}"  # type: ignore[no-untyped-call]
