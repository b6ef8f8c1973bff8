"""The weights of every layer as they are: size, spread, zeros, and at the start whether units are alike."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.probes.modules import fans, matrices, own_biases, own_parameters, same_rows
from logbook.training.probes.scalars import Scalars
from logbook.training.probes.updates import identical_gradients

__all__ = ["measure_weights", "static_fields", "variance_ratio"]


@torch.no_grad()
def measure_weights(name: str, module: nn.Module, scalars: Scalars, *, at_start: bool) -> None:
    """Put the numbers of one layer's parameters; `at_start` compares its units with each other too."""
    parameters: list[Tensor] = [parameter.detach() for _, parameter in own_parameters(module)]
    if parameters:
        norm = _norm(parameters)
        scalars.put(name, "weight_norm", norm)
        scalars.put(name, "weight_nonfinite", _nonfinite(parameters, norm))
    biases = [bias.detach() for bias in own_biases(module)]
    if biases:
        scalars.put(name, "bias_max", torch.stack([bias.abs().max() for bias in biases]).max())
    weights = [weight.detach() for weight in matrices(module)]
    own = getattr(module, "weight", None)
    if not weights and isinstance(own, nn.Parameter) and own.dim() and own.numel() > 1 and own.is_floating_point():
        weights = [own.detach()]  # the scales of a normalization, or a table of vectors
    if weights:
        _matrix(name, weights, scalars)
    if at_start:
        _alike(name, module, scalars)


def _matrix(name: str, weights: list[Tensor], scalars: Scalars) -> None:
    flat = weights[0] if len(weights) == 1 else torch.cat([weight.flatten() for weight in weights])
    flat = flat.float()
    scalars.put(name, "weight_std", flat.std())
    scalars.put(name, "weight_abs_mean", torch.linalg.vector_norm(flat, 1) / flat.numel())
    scalars.put(name, "weight_zero_share", 1 - torch.count_nonzero(flat) / flat.numel())
    if len(weights) > 1:
        for place, weight in enumerate(weights):
            scalars.put(name, f"_std_{place}", weight.float().std())


def _alike(name: str, module: nn.Module, scalars: Scalars) -> None:
    """Compare the units of a layer that is trained: those with the same weights and gradients never part."""
    trained = [weight for weight in matrices(module) if weight.requires_grad and weight.shape[0] > 1]
    if not trained:
        return
    scalars.put(name, "identical_units", torch.stack([same_rows(weight) for weight in trained]).max())
    gradients = [same for weight in trained if (same := identical_gradients(weight)) is not None]
    if gradients:
        scalars.put(name, "identical_gradients", torch.stack(gradients).max())


def static_fields(module: nn.Module, measured: dict[str, float]) -> dict[str, Any]:
    """Return what follows from the shapes and the deviations that were read back, which leave `measured`."""
    weights = matrices(module)
    stds = [measured.pop(f"_std_{place}") for place in range(len(weights)) if f"_std_{place}" in measured]
    if not weights:
        return {}
    if not stds and "weight_std" in measured:
        stds = [measured["weight_std"]]
    ratios = [variance_ratio(std, fans(module, weight)) for std, weight in zip(stds, weights, strict=False)]
    known = [ratio for ratio in ratios if ratio is not None]
    found: dict[str, Any] = {"fan_in": fans(module, weights[0])[0][0]}
    if known:
        found["weight_variance_ratio"] = max(known, key=lambda ratio: abs(math.log(max(ratio, 1e-30))))
    return found


def variance_ratio(std: float, pairs: list[tuple[int, int]]) -> float | None:
    """Return a deviation over the nearest of those that he, xavier and lecun ask for; 1 between them."""
    if not math.isfinite(std):
        return None
    asked = [value for inside, outside in pairs for value in _asked(inside, outside)]
    low, high = min(asked), max(asked)
    return std / high if std > high else std / low if std < low else 1.0


def _asked(inside: int, outside: int) -> tuple[float, float, float]:
    return math.sqrt(2 / inside), math.sqrt(1 / inside), math.sqrt(2 / (inside + outside))


def _norm(parameters: list[Tensor]) -> Tensor:
    norms = torch.stack([norm.float() for norm in torch._foreach_norm(parameters, 2)])
    whole: Tensor = torch.linalg.vector_norm(norms)
    return whole


def _nonfinite(parameters: list[Tensor], norm: Tensor) -> Tensor:
    if norm.is_cpu and math.isfinite(float(norm)):
        return torch.zeros(())
    counts = [parameter.numel() - torch.count_nonzero(torch.isfinite(parameter)) for parameter in parameters]
    return torch.stack(counts).sum()
