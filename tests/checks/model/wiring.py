"""Small programs whose network, loss or optimizer is a person's own, for the tests of how they are wired."""

from __future__ import annotations

from typing import Any

from tests.checks import programs

_TRAINING = {"epochs": 1, "batch_size": 32, "device": "cpu"}

DIGITS: dict[str, Any] = {
    "name": "digits",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}},
    "model": programs.own("model"),
    "training": _TRAINING,
}
YES_OR_NO: dict[str, Any] = {
    "name": "cells",
    "task": "binary",
    "data": {"source": {"kind": "sklearn", "dataset": "breast_cancer"}},
    "model": programs.own("model"),
    "training": _TRAINING,
}
NUMBERS: dict[str, Any] = {
    "name": "numbers",
    "data": {"source": {"kind": "sklearn", "dataset": "diabetes"}},
    "model": programs.own("model"),
    "training": _TRAINING,
}
OWN_LOSS: dict[str, Any] = {"loss": programs.own("loss")}
OWN_OPTIMIZER: dict[str, Any] = {"optimizer": programs.own("optimizer")}

LAYERS = "self.first = nn.Linear(size, 32); self.last = nn.Linear(32, outputs)"
FORWARD = "return self.last(self.first(x.flatten(1)).relu())"


def module(forward: str = FORWARD, layers: str = LAYERS, *, loss: str = "", more: str = "") -> str:
    """Return the source of a network, and where it is given the body of a loss of `outputs` and `targets`."""
    return f"""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, size, outputs):
        super().__init__()
        {_indented(layers)}

    def forward(self, x):
        {_indented(forward)}


def model(input_shape, output_size):
    return Net(math.prod(input_shape), output_size)


def loss():
    def value(outputs, targets):
        {_indented(loss or "raise NotImplementedError")}
    return value


{more}
"""


def _indented(lines: str) -> str:
    return "\n        ".join(lines.splitlines())
