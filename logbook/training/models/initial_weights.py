"""Initial weights and biases: a scheme for the hidden layers, the same distribution, smaller, for the output layer.

The output layer starts with variance 1 / (3 fan-in), that of PyTorch's own default: the loss of C classes then
starts near ln C (checklist S3-18; C21 measured such heads at 0.85 to 1.29 times ln C, and he heads at up to 2.6).
Sources: he, He et al. 2015; xavier, Glorot and Bengio 2010; lecun, LeCun et al. 1998; orthogonal, Saxe et al. 2014.
"""

from __future__ import annotations

from math import sqrt
from typing import assert_never

import torch
from torch import Tensor, nn

from logbook_schemas.config.biases import ConstantBias
from logbook_schemas.config.initial_weights import (
    CheckpointInit,
    DefaultInit,
    Distribution,
    He,
    Init,
    Lecun,
    Normal,
    Orthogonal,
    Scheme,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    Xavier,
    Zeros,
)
from logbook_schemas.config.readout import Readout

__all__ = ["initialize", "initialize_biases", "scheme_of"]

_CUT = 2.0
"""Deviations at which a truncated normal ends."""

_LEFT = 0.8796256610342398
"""Standard deviation of a normal distribution cut at two: sqrt(1 - 4 φ(2) / (2 Φ(2) - 1))."""


def scheme_of(init: Init) -> Scheme:
    """Return how weights are drawn: those that come from a checkpoint as its `rest` says."""
    return (init.rest or DefaultInit()) if isinstance(init, CheckpointInit) else init


@torch.no_grad()
def initialize(model: nn.Module, init: Init, *, generator: torch.Generator) -> None:
    """Draw every weight matrix and filter from the scheme, and set every bias to zero; `default` changes nothing.

    What is taken from a checkpoint is drawn as the rest, and replaced once the network stands (`checkpoint_weights`).

    The layer named `output` is the one that starts smaller. Normalizations keep scale 1 and shift 0.
    """
    scheme = scheme_of(init)
    if isinstance(scheme, DefaultInit):
        return
    for name, layer in model.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            _fill(layer.weight, scheme, is_output=name == "output", generator=generator)
            if layer.bias is not None:
                layer.bias.zero_()


@torch.no_grad()
def initialize_biases(model: nn.Module, section: Readout) -> None:
    """Set the biases that the config gives a number, once the weights are drawn; what depends on data comes later."""
    hidden = getattr(section, "initial_bias", None)
    for name, layer in model.named_modules():
        start = section.output_bias if name == "output" else hidden
        if isinstance(layer, nn.Linear | nn.Conv2d) and isinstance(start, ConstantBias) and layer.bias is not None:
            layer.bias.fill_(start.value)


def _fill(weight: Tensor, scheme: Scheme, *, is_output: bool, generator: torch.Generator) -> None:
    fan_in = weight[0].numel()
    small = 1 / (3 * fan_in)
    fan_out = weight.numel() // weight.shape[1]
    match scheme:
        case He():
            _draw(weight, small if is_output else 2 / ((1 + scheme.slope**2) * fan_in), scheme.distribution, generator)
        case Xavier():
            _draw(weight, small if is_output else 2 / (fan_in + fan_out), scheme.distribution, generator)
        case Lecun():
            _draw(weight, small if is_output else 1 / fan_in, scheme.distribution, generator)
        case VarianceScaling():
            fan = {"fan-in": fan_in, "fan-out": fan_out, "fan-average": (fan_in + fan_out) / 2}[scheme.mode]
            _draw(weight, small if is_output else scheme.scale / fan, scheme.distribution, generator)
        case Orthogonal():
            nn.init.orthogonal_(weight, gain=sqrt(1 / 3) if is_output else scheme.gain, generator=generator)
        case Normal():
            weight.normal_(0.0, scheme.std, generator=generator)
        case TruncatedNormal():
            _cut_normal(weight, scheme.std, generator)
        case Uniform():
            weight.uniform_(-scheme.bound, scheme.bound, generator=generator)
        case Zeros():
            weight.zero_()
        case DefaultInit():
            pass
        case _:
            assert_never(scheme)


def _draw(weight: Tensor, variance: float, shape: Distribution, generator: torch.Generator) -> None:
    match shape:
        case "normal":
            weight.normal_(0.0, sqrt(variance), generator=generator)
        case "truncated-normal":
            _cut_normal(weight, sqrt(variance) / _LEFT, generator)
        case "uniform":
            bound = sqrt(3 * variance)  # the variance of a uniform distribution on ± bound is bound² / 3
            weight.uniform_(-bound, bound, generator=generator)
        case _:
            assert_never(shape)


def _cut_normal(weight: Tensor, std: float, generator: torch.Generator) -> None:
    nn.init.trunc_normal_(weight, std=std, a=-_CUT * std, b=_CUT * std, generator=generator)
