"""The weights of every layer as they are: size, spread, zeros, and at the start whether units are alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from logbook.training.probes.modules import Layer, matrices, same_rows, weight_of
from logbook.training.probes.reductions import count_nonzero, deviation, sum_sizes
from logbook.training.probes.scalars import Scalars
from logbook.training.probes.updates import identical_gradients

__all__ = ["measure_weights", "variance_ratio", "weight_fields"]


@torch.no_grad()
def measure_weights(layers: Sequence[Layer], scalars: Scalars, *, at_start: bool) -> None:
    """Put the numbers of the parameters of layers; `at_start` compares the units of each with one another too."""
    _put_norms(scalars, "_norm_", [(layer.name, [p for _, p in layer.parameters]) for layer in layers], 2)
    _put_norms(scalars, "_bias_", [(layer.name, layer.biases) for layer in layers], math.inf)
    _put_entries(scalars, [(layer.name, _weights(layer)) for layer in layers])
    for layer in layers if at_start else ():
        if layer.weighs:
            _alike(layer, scalars)
            _put_reach(layer, scalars)


def _weights(layer: Layer) -> list[Tensor]:
    return [weight.detach() for weight in matrices(layer.module)] if layer.weighs else _scales(layer.module)


def _put_reach(layer: Layer, scalars: Scalars) -> None:
    """Measure how far frozen weights reach, over the bound within which torch draws those of such a layer."""
    found = matrices(layer.module)
    if len(found) == 1 and not found[0].requires_grad and isinstance(layer.module, nn.Linear | nn.modules.conv._ConvNd):
        fan_in = found[0][0].numel()
        scalars.put(layer.name, "frozen_reach", found[0].detach().float().abs().max() * math.sqrt(fan_in))


def _put_norms(scalars: Scalars, field: str, parameters: list[tuple[str, list[Tensor]]], order: float) -> None:
    """Put a norm of each parameter of each layer, all in one fused operation."""
    named = [(layer, f"{field}{place}", p.detach()) for layer, own in parameters for place, p in enumerate(own)]
    norms = torch._foreach_norm([parameter for *_, parameter in named], order) if named else ()
    for (layer, name, _), norm in zip(named, norms, strict=True):
        scalars.put(layer, name, norm)


def _scales(module: nn.Module) -> list[Tensor]:
    """Return the weights of a layer that has no matrix: the scales of a normalization, or a table of vectors."""
    own = weight_of(module)
    if isinstance(own, nn.Parameter) and own.dim() and own.numel() > 1 and own.is_floating_point():
        return [own.detach()]
    return []


def _put_entries(scalars: Scalars, weights: list[tuple[str, list[Tensor]]]) -> None:
    """Put what the entries of each layer's weights are like."""
    named = [(name, own, _whole(own)) for name, own in weights if own]
    sizes = sum_sizes([whole for *_, whole in named])
    for (name, own, whole), size in zip(named, sizes, strict=True):
        scalars.put(name, "weight_std", deviation(whole))
        scalars.put(name, "weight_abs_mean", size, over=whole.numel())
        scalars.put(name, "_nonzero", count_nonzero(whole), over=whole.numel())
        if len(own) > 1:
            for place, weight in enumerate(own):
                scalars.put(name, f"_std_{place}", deviation(weight.float()))


def _whole(weights: list[Tensor]) -> Tensor:
    return (weights[0] if len(weights) == 1 else torch.cat([weight.flatten() for weight in weights])).float()


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
    if "_nonzero" in measured:
        found["weight_zero_share"] = 1 - measured.pop("_nonzero")
    if not layer.fans:
        return found
    found["fan_in"] = layer.fans[0][0][0]
    stds = _taken(measured, "_std_") or [measured.get("weight_std", math.nan)]
    ratios = [variance_ratio(std, pairs) for std, pairs in zip(stds, layer.fans, strict=False)]
    known = [ratio for ratio in ratios if ratio is not None]
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
