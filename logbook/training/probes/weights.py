"""The weights of every layer as they are: size, spread, zeros, and at the start whether units are alike."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.probes.modules import Layer, fans, matrices, own_biases, same_rows
from logbook.training.probes.scalars import Scalars
from logbook.training.probes.updates import identical_gradients

__all__ = ["measure_weights", "variance_ratio", "weight_fields"]


@torch.no_grad()
def measure_weights(layer: Layer, scalars: Scalars, *, at_start: bool) -> None:
    """Put the numbers of one layer's parameters; `at_start` compares its units with each other too."""
    name = layer.name
    parameters: list[Tensor] = [parameter.detach() for _, parameter in layer.parameters]
    for place, norm in enumerate(torch._foreach_norm(parameters, 2) if parameters else ()):
        scalars.put(name, f"_norm_{place}", norm)
    biases = [bias.detach() for bias in own_biases(layer)]
    for place, largest in enumerate(torch._foreach_norm(biases, math.inf) if biases else ()):
        scalars.put(name, f"_bias_{place}", largest)
    weights = [weight.detach() for weight in matrices(layer.module)] if layer.weighs else []
    own = getattr(layer.module, "weight", None)
    if not weights and isinstance(own, nn.Parameter) and own.dim() and own.numel() > 1 and own.is_floating_point():
        weights = [own.detach()]  # the scales of a normalization, or a table of vectors
    if weights:
        _matrix(name, weights, scalars)
    if at_start and layer.weighs:
        _alike(layer, scalars)


def _matrix(name: str, weights: list[Tensor], scalars: Scalars) -> None:
    flat = weights[0] if len(weights) == 1 else torch.cat([weight.flatten() for weight in weights])
    flat = flat.float()
    scalars.put(name, "weight_std", flat.std())
    scalars.put(name, "_sum", torch.linalg.vector_norm(flat, 1))
    scalars.put(name, "_nonzero", torch.count_nonzero(flat))
    if len(weights) > 1:
        for place, weight in enumerate(weights):
            scalars.put(name, f"_std_{place}", weight.float().std())


def _alike(layer: Layer, scalars: Scalars) -> None:
    """Compare the units of a layer that is trained: those with the same weights and gradients never part."""
    trained = [weight for weight in matrices(layer.module) if weight.requires_grad and weight.shape[0] > 1]
    if not trained:
        return
    scalars.put(layer.name, "identical_units", torch.stack([same_rows(weight) for weight in trained]).max())
    gradients = [same for weight in trained if (same := identical_gradients(weight)) is not None]
    if gradients:
        scalars.put(layer.name, "identical_gradients", torch.stack(gradients).max())


def weight_fields(layer: Layer, measured: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that follow from what was measured, whose parts leave `measured`."""
    found: dict[str, Any] = {}
    norms, biases = _taken(measured, "_norm_"), _taken(measured, "_bias_")
    if norms:
        found["weight_norm"] = math.sqrt(sum(norm * norm for norm in norms))
        found["weight_nonfinite"] = 0 if math.isfinite(found["weight_norm"]) else _count_nonfinite(layer)
    if biases:
        found["bias_max"] = max(biases)
    stds = _taken(measured, "_std_")
    weights = matrices(layer.module) if layer.weighs else []
    size = sum(weight.numel() for weight in weights) or getattr(getattr(layer.module, "weight", None), "numel", int)()
    if "_sum" in measured and size:
        found["weight_abs_mean"] = measured.pop("_sum") / size
        found["weight_zero_share"] = 1 - measured.pop("_nonzero") / size
    if not weights:
        return found
    if not stds and "weight_std" in measured:
        stds = [measured["weight_std"]]
    ratios = [variance_ratio(std, fans(layer.module, weight)) for std, weight in zip(stds, weights, strict=False)]
    known = [ratio for ratio in ratios if ratio is not None]
    found["fan_in"] = fans(layer.module, weights[0])[0][0]
    if isinstance(layer.module, nn.Conv2d):
        found["channels"] = layer.module.in_channels
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


def _taken(measured: dict[str, Any], prefix: str) -> list[float]:
    return [measured.pop(key) for key in [key for key in measured if key.startswith(prefix)]]


def _count_nonfinite(layer: Layer) -> int:
    """Count again, which is rare: the parameters are still as they were measured."""
    return sum(int(p.numel() - torch.count_nonzero(torch.isfinite(p.detach()))) for _, p in layer.parameters)
