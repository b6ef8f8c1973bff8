"""How networks are put together, and losses that are for something else, each in a training beside a healthy one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks import programs
from tests.checks.model import wiring
from tests.checks.model.wiring import FORWARD, LAYERS, OWN_LOSS, module

LONG = {"training": {"epochs": 15, "batch_size": 16, "device": "cpu"}, "optimizer": {"kind": "adam", "lr": 0.003}}
DIGITS = {**wiring.DIGITS, **LONG, "data": {**wiring.DIGITS["data"], "limit": 600}}
LONGER = {**DIGITS, "training": {**LONG["training"], "epochs": 50}}
FEW = {"training": {**LONG["training"], "batch_size": 2}, "data": {**DIGITS["data"], "limit": 150}}
WAIST = LAYERS.replace("32, outputs", "2, outputs") + "; self.waist = nn.Linear(32, 2)"
NORMALIZED = LAYERS + "; self.norm = nn.BatchNorm1d(32); self.drop = nn.Dropout(0.5)"
ONE_HOT = "rows = F.one_hot(targets, outputs.shape[1]).float()\n"
SOFT = "return ((outputs.softmax(1) - rows) ** 2).sum(1).mean()"
DROPPED = FORWARD.replace("self.last(", "self.drop(self.last(") + ")"

FREEZE = "; [p.requires_grad_(False) for p in self.first.parameters()]"
FROZEN = "return self.last({}.relu())"
SQUARES = """

def squares():
    return lambda outputs, targets: (({} - targets.reshape(-1, 1)) ** 2).mean()
"""

COLOURED = """
import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, cut):
        super().__init__()
        self.conv, self.last, self.cut = nn.Conv2d(3, 8, 3), nn.Linear(8, 3), cut

    def forward(self, x):
        x = x.reshape(-1, 3, 8, 8) if self.cut else x.permute(0, 3, 1, 2)
        return self.last(self.conv(x).relu().amax((2, 3)))


def spots():
    draw = np.random.default_rng(0)
    y = draw.integers(0, 3, 240)
    x = draw.normal(0, 0.3, (240, 8, 8, 3))
    for image, kind in zip(x, y):
        image[draw.integers(0, 8), draw.integers(0, 8), kind] += 3
    return x.astype("float32"), y
"""
TOYS = """
import itertools

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, input_shape, output_size, hidden=0, end="", bias=True):
        super().__init__()
        size = input_shape[0]
        layers = [nn.Linear(size, hidden, bias=bias), nn.Tanh()] if hidden else []
        layers.append(nn.Linear(hidden or size, output_size, bias=bias))
        self.net = nn.Sequential(*layers, *([nn.Sigmoid()] if end else []))

    def forward(self, x):
        return self.net(x)


def loss():
    return nn.BCELoss()


def xor():
    x = np.array(list(itertools.product([0, 1], repeat=2)), dtype="float32")
    return x, x.sum(1) % 2


def line():
    x = np.random.default_rng(0).uniform(-1, 1, (300, 1)).astype("float32")
    return x, 0.5 * x + 1


def rings():
    draw = np.random.default_rng(0)
    y = draw.integers(0, 2, 300)
    angle, way = draw.uniform(0, 6.3, 300), 0.5 + y + draw.normal(0, 0.1, 300)
    return np.stack([way * np.cos(angle), way * np.sin(angle)], 1).astype("float32"), y
"""


def toy(data: str, epochs: int, **kwargs: Any) -> dict[str, Any]:
    split = {"kind": "random", "validation": 0.0 if data == "xor" else 0.2}
    return {
        "name": "toy",
        "task": "binary",
        "data": {"source": programs.own(data), "split": split},
        "model": programs.own("Net", **kwargs),
        "loss": programs.own("loss"),
        "optimizer": {"kind": "adam", "lr": 0.01},
        "training": {"epochs": epochs, "batch_size": 16, "device": "cpu"},
    }


def line(**kwargs: Any) -> dict[str, Any]:
    data = {"source": programs.own("line")}
    return {**DIGITS, "data": data, "task": "regression", "model": programs.own("Net", hidden=16, **kwargs)}


def coloured(*, cut: bool) -> dict[str, Any]:
    data = {"source": programs.own("spots")}
    return {**DIGITS, "data": data, "task": "classification", "model": programs.own("Net", cut=cut)}


CASES: dict[str, tuple[tuple[dict[str, Any], str], tuple[dict[str, Any], str]]] = {
    # rule: (a training in which it speaks first, one in which nothing is found)
    "narrow-passage": (
        (DIGITS, module("return self.last(self.waist(self.first(x.flatten(1)).relu()).relu())", WAIST)),
        (
            DIGITS,
            module(
                FORWARD.replace("(x.", "(x + self.gate(x) * x.").replace("return", "x = x.flatten(1)\nreturn"),
                LAYERS + "; self.gate = nn.Linear(size, 1)",
            ),
        ),
    ),
    "dropped-outputs": (
        (DIGITS, module(DROPPED, NORMALIZED.replace("self.norm = nn.BatchNorm1d(32); ", ""))),
        (
            DIGITS,
            module(
                "return self.last(self.drop(self.first(x.flatten(1)).relu()))", LAYERS + "; self.drop = nn.Dropout(0.5)"
            ),
        ),
    ),
    "dropped-normalization-inputs": (
        (DIGITS, module("return self.last(self.norm(self.drop(self.first(x.flatten(1)))).relu())", NORMALIZED)),
        (DIGITS, module("return self.last(self.drop(self.norm(self.first(x.flatten(1))).relu()))", NORMALIZED)),
    ),
    "few-normalized-rows": (
        (
            DIGITS | FEW,
            module(
                "return self.last(self.norm(self.first(x.flatten(1))).relu())",
                LAYERS + "; self.norm = nn.BatchNorm1d(32)",
            ),
        ),
        (
            DIGITS | FEW,
            module(
                "return self.last(self.norm(self.first(x.flatten(1))).relu())",
                LAYERS + "; self.norm = nn.LayerNorm(32)",
            ),
        ),
    ),
    "softmax-between-layers": (
        (DIGITS, module("return self.last(self.first(x.flatten(1)).softmax(1))", LAYERS)),
        (DIGITS, module("return self.last(self.first(x.flatten(1)).tanh())", LAYERS)),
    ),
    "frozen-first-weights": (
        (LONGER, module(FROZEN.format("self.first(x.flatten(1)[:, :4])"), LAYERS.replace("size,", "4,", 1) + FREEZE)),
        (LONGER, module(FORWARD, LAYERS + FREEZE)),
    ),
    "broadcast-loss": (
        (line() | {"loss": programs.own("squares")}, TOYS + SQUARES.format("outputs.flatten()")),
        (line() | {"loss": programs.own("squares")}, TOYS + SQUARES.format("outputs")),
    ),
    "unbiased-network": ((line(bias=False), TOYS), (line(), TOYS)),
    "unsuited-loss": (
        (DIGITS | OWN_LOSS, module(loss=ONE_HOT + "return F.mse_loss(outputs, rows)")),
        (DIGITS | OWN_LOSS, module(loss=ONE_HOT + SOFT)),
    ),
    "reshaped-axes": ((coloured(cut=True), COLOURED), (coloured(cut=False), COLOURED)),
    "affine-network": ((toy("rings", 5, end="sigmoid"), TOYS), (toy("rings", 5, hidden=16, end="sigmoid"), TOYS)),
    "straight-answers": ((toy("xor", 60, end="sigmoid"), TOYS), (toy("xor", 250, hidden=8, end="sigmoid"), TOYS)),
}


@pytest.mark.parametrize("seed", programs.SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_the_fault_is_the_first_finding_and_its_twin_is_silent(name: str, seed: int, tmp_path: Any) -> None:
    faulty, healthy = CASES[name]
    for (config, source), wanted in ((faulty, [name]), (healthy, [])):
        folder = tmp_path / (wanted[0] if wanted else "healthy")
        folder.mkdir()
        run = programs.run(folder, config, source, seed=seed)
        loud = [one.name for one in run.findings if one.severity != "note"]
        assert loud[:1] == wanted, programs.told(run.findings)
