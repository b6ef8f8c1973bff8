"""What is found of optimizers, first steps and recurrence in real trainings, and of the same in health."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.programs import SEEDS, loud, own, run, start_record, told

OWN = """
import numpy as np
import torch
from torch import nn

def adam(parameters, lr=0.005, whole=False):
    return torch.optim.Adam(parameters, lr=int(lr) if whole else lr)

def sgd(parameters, lr=0.05):
    return torch.optim.SGD(parameters, lr=lr)

def bfgs(parameters):
    return torch.optim.LBFGS(parameters, lr=0.5, max_iter=4)

class Keeping(torch.optim.SGD):
    def zero_grad(self, set_to_none=True):
        pass

def keeping(parameters):
    return Keeping(parameters, lr=0.05)

def series(steps=12):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    x = rng.normal(0, 0.3, (200, steps, 1))
    x[:, 0, 0] += 2 * y - 1
    return x.astype("float32"), y

def clouds():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    return (rng.normal(size=(200, 8)) + 2 * y[:, None] - 1).astype("float32"), y

class Net(nn.Module):
    def __init__(self, slip="", width=16):
        super().__init__()
        self.slip = slip
        self.first, self.second = nn.Linear(8, width), nn.Linear(width, width)
        self.act = nn.SELU() if "selu" in slip else nn.ReLU()
        self.norm = nn.BatchNorm1d(width) if "norm" in slip else nn.Identity()
        self.head = nn.Linear(width, 2)
        if slip == "uniform":
            for layer in (self.first, self.second, self.head):
                nn.init.uniform_(layer.weight)

    def forward(self, x):
        return self.head(self.act(self.norm(self.second(self.act(self.first(x))))))

class Walk(nn.Module):
    def __init__(self, scale=1.0, cell="RNN"):
        super().__init__()
        extra = {"nonlinearity": "relu"} if cell == "RNN" else {}
        self.rnn = getattr(nn, cell)(1, 16, batch_first=True, **extra)
        if cell == "RNN":
            nn.init.orthogonal_(self.rnn.weight_hh_l0, gain=scale)
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])

class ByHand(nn.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.read, self.again = nn.Linear(1, 16), nn.Linear(16, 16)
        nn.init.orthogonal_(self.again.weight, gain=scale)
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        h = torch.zeros(len(x), 16)
        for step in range(x.shape[1]):
            h = torch.relu(self.read(x[:, step]) + self.again(h))
        return self.head(h)
"""


def program(data: str, model: dict[str, Any], optimizer: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {
        "name": "descent",
        "task": "classification",
        "data": {"source": own(data)},
        "model": model,
        "optimizer": optimizer,
        "training": {"epochs": 6, "batch_size": 16, "device": "cpu", **training},
    }


NET, UNIFORM = own("Net"), own("Net", slip="uniform", width=64)

FAULTY: dict[str, tuple[dict[str, Any], str]] = {
    "adam at 1": (program("clouds", NET, own("adam", lr=1.0)), "oversized-steps"),
    "a rate that is a whole number": (program("clouds", NET, own("adam", whole=True)), "zero-learning-rate"),
    "gradients that are kept": (program("clouds", NET, own("keeping")), "accumulated-gradients"),
    "own lbfgs on batches": (program("clouds", NET, own("bfgs")), "minibatch-lbfgs"),
    "weights from 0 to 1": (program("clouds", UNIFORM, own("adam")), "unscaled-initial-weights"),
    "selu and normalization": (program("clouds", own("Net", slip="selu norm"), own("adam")), "normalized-selu"),
    "a recurrent layer that grows": (program("series", own("Walk", scale=2.5), own("adam")), "growing-signal"),
    "the same by hand": (program("series", own("ByHand", scale=2.5), own("adam")), "growing-signal"),
}  # fmt: skip

HEALTHY: dict[str, dict[str, Any]] = {
    "adam": program("clouds", NET, own("adam"), epochs=15),
    "sgd at a half": program("clouds", NET, own("sgd", lr=0.5), epochs=15),
    "own lbfgs on all rows": program("clouds", NET, own("bfgs"), batch_size="all", epochs=10),
    "selu": program("clouds", own("Net", slip="selu"), own("adam"), epochs=15),
    "normalization": program("clouds", own("Net", slip="norm"), own("adam"), epochs=15),
    "a recurrent layer": program("series", own("Walk", cell="GRU"), own("adam", lr=0.02), epochs=25),
    "a recurrent network by hand": program("series", own("ByHand", scale=0.95), own("adam"), epochs=25),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAULTY)
def test_the_fault_of_a_descent_is_named_first(name: str, seed: int, tmp_path: Path) -> None:
    config, rule = FAULTY[name]
    found = run(tmp_path, config, OWN, seed=seed).findings
    assert loud(found)[0] == rule, told(found)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_descent_is_not_warned_of(name: str, seed: int, tmp_path: Path) -> None:
    found = run(tmp_path, HEALTHY[name], OWN, seed=seed).findings
    assert loud(found) == [], told(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_early_stopping_that_was_hasty_is_told_at_the_end(seed: int, tmp_path: Path) -> None:
    spirals = {
        "name": "spirals",
        "data": {"source": {"kind": "synthetic", "pattern": {"kind": "spirals"}, "rows": 400}},
        "model": {"kind": "mlp", "hidden": [32, 32]},
        "training": {"epochs": 60, "device": "cpu", "early_stopping": {"patience": 2, "min_delta": 0.1}},
    }
    assert "premature-stopping" in loud(run(tmp_path, spirals, seed=seed).findings)
    patient = {**spirals, "training": {"epochs": 60, "device": "cpu", "early_stopping": {"patience": 10}}}
    assert "premature-stopping" not in loud(run(tmp_path, patient, seed=seed).findings)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_network_that_forgets_the_beginning_is_told_so_where_it_learns_nothing(seed: int, tmp_path: Path) -> None:
    forgets = program("series", own("Walk", scale=0.5), own("adam", lr=0.01), epochs=10)
    long = {**forgets, "data": {"source": own("series", steps=200)}}
    assert "forgotten-beginning" in loud(run(tmp_path, long, OWN, seed=seed).findings)
    short = {**forgets, "data": {"source": own("series", steps=6)}}
    assert "forgotten-beginning" not in loud(run(tmp_path, short, OWN, seed=seed).findings)


def test_an_optimizer_is_recorded_as_it_was_built(tmp_path: Path) -> None:
    record = start_record(tmp_path, program("clouds", NET, own("keeping")), OWN).optimizer
    assert record is not None
    assert (record.torch_class, record.lr, record.momentum) == ("SGD", 0.05, 0.0)


def test_how_much_the_beginning_matters_is_what_two_gradients_say(tmp_path: Path) -> None:
    import torch

    config = program("series", own("Walk", scale=0.5), own("adam"))
    record = start_record(tmp_path, config, OWN)
    # relu(h U) with U = 0.5 Q: eleven steps of it shrink a gradient to 0.5**11 of its size or, where units are 0, less.
    assert record.memory is not None
    assert 0 < record.memory < 2 * 0.5**11 * 3
    assert start_record(tmp_path, program("clouds", NET, own("adam")), OWN).memory is None
    [walk] = [layer for layer in record.layers if layer.name == "rnn"]
    assert walk.time_growth is not None
    assert torch.isfinite(torch.tensor(walk.time_growth))
