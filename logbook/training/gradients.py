"""Gradients: their entries, whether dense or the sparse ones of an embedding; their norm; clipping."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from logbook_schemas.config.gradients import Clip, ClipNorm, ClipValue

__all__ = ["clip_gradients", "gradient_entries", "gradient_norm"]


def gradient_entries(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Return the stored entries of each gradient there is; changing them in place changes the gradient.

    A sparse gradient is coalesced first: a row that was looked up twice has one entry, their sum.
    """
    return [_entries(parameter) for parameter in parameters if parameter.grad is not None]


@torch.no_grad()
def gradient_norm(parameters: list[Tensor]) -> Tensor:
    """Return the 2-norm of the gradient over all parameters, on the device."""
    gradients = gradient_entries(parameters)
    if not gradients:
        return torch.zeros(())
    total: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return total


@torch.no_grad()
def clip_gradients(clip: Clip, parameters: list[Tensor], norm: Tensor) -> Tensor | bool:
    """Clip gradients in place as the config says; return whether that changed anything, on the device."""
    gradients = [entries for entries in gradient_entries(parameters) if entries.numel()]
    if not gradients:
        return False
    if isinstance(clip, ClipNorm):
        factor = (clip.max_norm / (norm + 1e-6)).clamp(max=1.0)
        torch._foreach_mul_(gradients, factor)
        return factor < 1
    if isinstance(clip, ClipValue):
        beyond = torch.stack([gradient.abs().max() for gradient in gradients]).max() > clip.max_value
        torch._foreach_clamp_min_(gradients, -clip.max_value)
        torch._foreach_clamp_max_(gradients, clip.max_value)
        return beyond
    return False


def _entries(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None  # the caller looked
    if not parameter.grad.is_sparse:
        return parameter.grad
    parameter.grad = parameter.grad.coalesce()
    return parameter.grad._values()
