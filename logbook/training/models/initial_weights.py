"""Initial weights: a scheme for the hidden layers, the same distribution on a smaller scale for the output layer.

The output layer starts with variance 1 / (3 fan-in), that of PyTorch's own default: the loss of C classes then
starts near ln C (checklist S3-18; C21 measured such heads at 0.85 to 1.29 times ln C, and he heads at up to 2.6).
Sources: he, He et al. 2015; xavier, Glorot and
Bengio 2010; lecun, LeCun et al. 1998; orthogonal, Saxe et al. 2014.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal, assert_never

import torch
from torch import Tensor, nn

from logbook_schemas.config.initial_weights import (
    DefaultInit,
    He,
    Init,
    Lecun,
    Normal,
    Orthogonal,
    Uniform,
    VarianceScaling,
    Xavier,
    Zeros,
)

__all__ = ["initialize"]

Shape = Literal["normal", "uniform"]


@torch.no_grad()
def initialize(model: nn.Module, scheme: Init, *, generator: torch.Generator) -> None:
    """Draw every weight matrix and filter from the scheme, and set every bias to zero; `default` changes nothing.

    The layer named `output` is the one that starts smaller. Normalizations keep scale 1 and shift 0.
    """
    if isinstance(scheme, DefaultInit):
        return
    for name, layer in model.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            _fill(layer.weight, scheme, is_output=name == "output", generator=generator)
            if layer.bias is not None:
                layer.bias.zero_()


def _fill(weight: Tensor, scheme: Init, *, is_output: bool, generator: torch.Generator) -> None:
    fan_in = weight[0].numel()
    small = 1 / (3 * fan_in)
    fan_out = weight.numel() // weight.shape[1]
    match scheme:
        case He():
            _draw(weight, small if is_output else 2 / fan_in, scheme.distribution, generator)
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
        case Uniform():
            weight.uniform_(-scheme.bound, scheme.bound, generator=generator)
        case Zeros():
            weight.zero_()
        case DefaultInit():
            pass
        case _:
            assert_never(scheme)


def _draw(weight: Tensor, variance: float, shape: Shape, generator: torch.Generator) -> None:
    if shape == "normal":
        weight.normal_(0.0, sqrt(variance), generator=generator)
    else:
        bound = sqrt(3 * variance)  # the variance of a uniform distribution on ± bound is bound² / 3
        weight.uniform_(-bound, bound, generator=generator)
