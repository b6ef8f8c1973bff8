"""What counts as a layer, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from logbook.training.probes.untouched import untouched

__all__ = [
    "MAX_LAYERS",
    "NORMALIZATIONS",
    "Layer",
    "fans",
    "layers_of",
    "leaf_modules",
    "matrices",
    "own_parameters",
    "same_rows",
    "weight_of",
]

MAX_LAYERS = 200
"""A record stays small; a deeper model is measured at its first layers and the last ones are left out."""

NORMALIZATIONS: tuple[type[nn.Module], ...] = (
    nn.modules.batchnorm._NormBase,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.RMSNorm,
)


@dataclass(frozen=True, eq=False)
class Layer:
    """A module with what is asked of it again and again; `parameters` are its own, by name."""

    name: str
    module: nn.Module
    parameters: tuple[tuple[str, nn.Parameter], ...]
    fans: tuple[list[tuple[int, int]], ...]
    """Of each of its matrices the fan-in and fan-out that it may be scaled by."""

    @cached_property
    def weighs(self) -> bool:
        """Whether it has a matrix of weights."""
        return bool(self.fans)

    @cached_property
    def normalizes(self) -> bool:
        """Whether it is a normalization."""
        return isinstance(self.module, NORMALIZATIONS)

    @cached_property
    def kind(self) -> str:
        """The name of the module's class, which a parametrization gives another one."""
        return type(self.module).__name__.removeprefix("Parametrized")

    @cached_property
    def size(self) -> int:
        """The number of its own parameters' entries."""
        return sum(parameter.numel() for _, parameter in self.parameters)

    @cached_property
    def biases(self) -> list[Tensor]:
        """Its biases."""
        return [p for name, p in self.parameters if name.split(".")[-1].startswith(("bias", "in_proj_bias"))]


def layers_of(model: nn.Module, skipped: dict[str, str] | None = None) -> list[Layer]:
    """Return the layers of a model, whose lazy parameters have got their shapes, in order.

    A module of a person's own that won't be looked at is left out, and `skipped` says why.
    """
    layers = []
    for name, module in leaf_modules(model):
        try:
            layers.append(
                Layer(
                    name=name,
                    module=module,
                    parameters=tuple(own_parameters(module)),
                    fans=tuple(fans(module, weight) for weight in matrices(module)),
                )
            )
        except Exception as error:
            if skipped is not None:
                skipped[f"layer {name}"] = str(error).split("\n", 1)[0][:300]
    return layers


def leaf_modules(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return `(path, module)` of the modules that have no children, or parameters of their own beside them, in order.

    A shared one stands once. What computes a parametrized weight, as weight normalization does, belongs to the layer
    that has the weight.
    """
    leaves = [
        (name or type(model).__name__, module)
        for name, module in model.named_modules()
        if "parametrizations" not in name.split(".") and _is_layer(module)
    ]
    return leaves[:MAX_LAYERS]


def _is_layer(module: nn.Module) -> bool:
    children = [name for name, _ in module.named_children() if name != "parametrizations"]
    return not children or next(module.parameters(recurse=False), None) is not None


def own_parameters(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return the layer's parameters by name, those behind a parametrized weight included, lazy and empty ones not."""
    found = list(module.named_parameters(recurse=False))
    if parametrize.is_parametrized(module):
        behind = module.get_submodule("parametrizations").named_parameters()
        found += [(f"parametrizations.{name}", parameter) for name, parameter in behind]
    lazy = nn.parameter.UninitializedParameter
    return [(name, p) for name, p in found if not isinstance(p, lazy) and p.numel() and p.is_floating_point()]


def matrices(module: nn.Module) -> list[Tensor]:
    """Return what maps inputs to units: `weight`, or the several of a recurrent or attention layer; no tables."""
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return []
    weight = weight_of(module)
    if isinstance(weight, Tensor):
        # A parametrized or weight-normalized layer has the weight as an attribute that is no parameter.
        return [weight] if _is_matrix(weight) else []
    named = module.named_parameters(recurse=False)
    return [p for name, p in named if "weight" in name and _is_matrix(p)]


def weight_of(module: nn.Module) -> Tensor | None:
    """Return what a module calls its weight; looking at one leaves no trace.

    A parametrized one is computed at each look, and what computes it may keep state: spectral normalization in
    training mode goes one step of its power iteration further.
    """
    if not parametrize.is_parametrized(module, "weight"):
        weight = getattr(module, "weight", None)
    else:
        first = next(module.parameters(), torch.empty(0))
        with untouched(module, first.device):
            weight = module.weight
    return weight if isinstance(weight, Tensor) else None


def fans(module: nn.Module, weight: Tensor) -> list[tuple[int, int]]:
    """Return the `(fan-in, fan-out)` pairs by which a matrix may fairly be scaled.

    Torch draws all matrices of a recurrent layer by the number of its units, schemes draw each by its own inputs.
    """
    area = prod(weight.shape[2:])
    if isinstance(module, nn.modules.conv._ConvTransposeNd):
        return [(weight.shape[0] * area, weight.shape[1] * area), (weight.shape[1] * area, weight.shape[0] * area)]
    pairs = [(weight.shape[1] * area, weight.shape[0] * area)]
    if isinstance(module, nn.RNNBase):
        pairs += [(module.hidden_size, module.hidden_size), (weight.shape[1], module.hidden_size)]
    return pairs


def _is_matrix(weight: Tensor) -> bool:
    if isinstance(weight, nn.parameter.UninitializedParameter):
        return False
    return weight.dim() >= 2 and weight.is_floating_point() and weight.numel() > 1


def same_rows(matrix: Tensor) -> Tensor:
    """Return the share of rows that another row repeats, as a tensor; rows are compared by two of their sums.

    Sums in double precision by fixed, uneven factors: equal rows have equal sums to the bit, others practically never.
    """
    rows = matrix.detach().flatten(1).double()
    factors = torch.cos(torch.arange(rows.shape[1], device=rows.device, dtype=torch.float64) * 1.618 + 0.3)
    sums = (rows * factors).sum(1).sort().values
    equal = sums[1:] == sums[:-1]
    before = torch.cat([equal, equal.new_zeros(1)])
    after = torch.cat([equal.new_zeros(1), equal])
    return (before | after).float().mean()
