"""Gradients as plain numbers, whether they are dense or the sparse ones of an embedding."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

__all__ = ["gradient_entries"]


def gradient_entries(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Return the stored entries of each gradient there is; changing them in place changes the gradient.

    A sparse gradient is coalesced first: a row that was looked up twice has one entry, their sum.
    """
    return [_entries(parameter) for parameter in parameters if parameter.grad is not None]


def _entries(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None  # the caller looked
    if not parameter.grad.is_sparse:
        return parameter.grad
    parameter.grad = parameter.grad.coalesce()
    return parameter.grad._values()
