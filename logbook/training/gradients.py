"""Gradients: their entries, whether dense or the sparse ones of an embedding; their norm; what is done to them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from logbook_schemas.config.gradients import ClipNorm, ClipValue, Gradients

__all__ = ["GradientShaper", "gradient_entries", "gradient_norm"]


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


class GradientShaper:
    """Renormalizes, then clips, as the config says. A layer is a module that has parameters of its own."""

    def __init__(self, section: Gradients, model: nn.Module, trained: list[Tensor]) -> None:
        self._renormalize = section.renormalize.kind
        self._clip = section.clip
        self._trained = trained
        self.is_idle = section.renormalize.kind == "none" and section.clip.kind == "none"
        self._layers = {} if self.is_idle else _layer_numbers(model)

    @torch.no_grad()
    def shape(self, norm: Tensor) -> Tensor | bool:
        """Change the gradients, of this norm, in place; return whether clipping changed anything, on the device."""
        if self.is_idle:
            return False
        held = [parameter for parameter in self._trained if parameter.grad is not None and parameter.numel()]
        gradients = gradient_entries(held)
        if not gradients:
            return False
        if self._renormalize != "none":
            norms = self._norms(held, gradients, self._renormalize)
            torch._foreach_div_(gradients, list(norms.clamp_min(torch.finfo(norms.dtype).tiny).unbind()))
            norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        return self._clipped(held, gradients, norm)

    def _clipped(self, held: list[Tensor], gradients: list[Tensor], norm: Tensor) -> Tensor | bool:
        clip = self._clip
        if isinstance(clip, ClipNorm):
            if clip.per == "all":
                factor = (clip.max_norm / (norm + 1e-6)).clamp(max=1.0)
                torch._foreach_mul_(gradients, factor)
                return factor < 1
            factors = (clip.max_norm / (self._norms(held, gradients, clip.per) + 1e-6)).clamp(max=1.0)
            torch._foreach_mul_(gradients, list(factors.unbind()))
            return (factors < 1).any()
        if isinstance(clip, ClipValue):
            beyond = torch.stack([gradient.abs().max() for gradient in gradients]).max() > clip.max_value
            torch._foreach_clamp_min_(gradients, -clip.max_value)
            torch._foreach_clamp_max_(gradients, clip.max_value)
            return beyond
        return False

    def _norms(self, held: list[Tensor], gradients: list[Tensor], per: str) -> Tensor:
        """Return, for each gradient, the 2-norm of its layer's gradient, or of its own."""
        norms = torch.stack(torch._foreach_norm(gradients))
        if per == "parameter":
            return norms
        # A parameter that is in no module of the model, as a person's optimizer may hold, is a layer by itself.
        numbers = [self._layers.get(id(parameter), -1 - place) for place, parameter in enumerate(held)]
        compact = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
        places = torch.tensor([compact[number] for number in numbers], device=norms.device)
        squares = norms.new_zeros(len(compact)).index_add_(0, places, norms.square())
        return squares.sqrt()[places]


def _layer_numbers(model: nn.Module) -> dict[int, int]:
    """Return the number of the layer that each parameter belongs to, by id; a shared one belongs to the first."""
    numbers: dict[int, int] = {}
    for number, layer in enumerate(model.modules()):
        for parameter in layer.parameters(recurse=False):
            numbers.setdefault(id(parameter), number)
    return numbers


def _entries(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None  # the caller looked
    if not parameter.grad.is_sparse:
        return parameter.grad
    parameter.grad = parameter.grad.coalesce()
    return parameter.grad._values()
