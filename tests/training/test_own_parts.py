"""Models, data, optimizers and metrics of the person's own, of every kind that people have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logbook.errors import ConfigError, UserCodeError
from tests.training.trainings import Sink, own_module, run

NETS = """
import torch
from torch import nn

def lazy(output_size):
    return nn.Sequential(nn.LazyLinear(8), nn.LazyBatchNorm1d(), nn.ReLU(), nn.LazyLinear(output_size))

class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(2, 3)
    def forward(self, x):
        return self.line(x), x

class Double(nn.Module):
    def __init__(self, output_size):
        super().__init__()
        self.line = nn.Linear(2, output_size).double()
        self.other = nn.Linear(2, output_size)
    def forward(self, x):
        return self.line(x.double()) + self.other(x)

def leave():
    raise SystemExit(3)

class Leaving(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(2, 3)
    def forward(self, x):
        raise SystemExit(3)

def tokens():
    x = torch.randint(9, (48, 4), generator=torch.Generator().manual_seed(0))
    return x, x[:, 0] % 3

def embedding(output_size, sparse=True):
    return nn.Sequential(nn.Embedding(9, 5, sparse=sparse), nn.Flatten(), nn.Linear(20, output_size))

class NoRate(torch.optim.Optimizer):
    def __init__(self, parameters):
        super().__init__(parameters, {})
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(0.01 * p.grad)

class Error:
    mode = "min"
    def __call__(self, outputs, targets):
        return (outputs.argmax(1) != targets).double().mean()
"""


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    own_module(tmp_path, "own_nets", NETS)
    return tmp_path


def own(name: str, **kwargs: Any) -> dict[str, Any]:
    return {"kind": "python", "target": f"own_nets:{name}", "kwargs": kwargs}


class StopIn(Sink):
    """Asks to stop in the middle of an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self._epoch = epoch

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return epoch == self._epoch


def test_a_model_that_returns_a_pair_is_told_what_to_return(nets: Path) -> None:
    with pytest.raises(UserCodeError, match="returned an object of type tuple; its forward must return one tensor"):
        run(nets, {"model": own("Pair")})


@pytest.mark.parametrize("loss", ["cross-entropy", "mse", "huber", "l1"])
@pytest.mark.parametrize("clip", ["none", "norm", "value"])
def test_a_model_in_two_precisions_trains(nets: Path, loss: str, clip: str) -> None:
    sink, end = run(nets, {"model": own("Double"), "loss": loss, "gradients": {"clip": clip}})
    assert end.status == "finished"
    assert sink.epochs[1].train_loss < sink.epochs[0].train_loss


@pytest.mark.parametrize("name", ["leave", "Leaving"])
def test_a_model_that_leaves_the_program_is_an_error_of_its_own(nets: Path, name: str) -> None:
    with pytest.raises(UserCodeError, match="SystemExit"):
        run(nets, {"model": own(name)})


@pytest.mark.parametrize("clip", ["none", "norm", "value"])
def test_sparse_embeddings_train_as_dense_ones(nets: Path, clip: str) -> None:
    common = {
        "task": "classification",
        "data": {"source": own("tokens")},
        "optimizer": {"kind": "sgd", "lr": 0.1},
        "gradients": {"clip": clip},
    }
    dense, _ = run(nets, {**common, "model": own("embedding", sparse=False)})
    sparse, _ = run(nets, {**common, "model": own("embedding")})
    for one, other in zip(dense.epochs, sparse.epochs, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)
    assert sparse.starts[0].no_gradient == ()


def test_an_optimizer_without_a_learning_rate_has_none_in_the_record(nets: Path) -> None:
    sink, end = run(nets, {"optimizer": own("NoRate")})
    assert end.status == "finished"
    assert sink.epochs[0].lr is None


def test_monitoring_an_own_metric_upside_down_is_refused(nets: Path) -> None:
    metrics = {"metrics": [own("Error")]}
    with pytest.raises(ConfigError, match="lower is better"):
        run(nets, {**metrics, "monitor": {"metric": "Error"}})
    sink, end = run(nets, {**metrics, "monitor": {"metric": "Error", "mode": "min"}})
    assert end.best_value == min(record.metrics["Error"] for record in sink.epochs)


DATASETS = """
import torch
from torch.utils.data import Dataset

class Points(Dataset):
    classes = ("low", "high")
    def __init__(self, rows, noisy=False):
        self.x = torch.randn(rows, 3, generator=torch.Generator().manual_seed(rows))
        self.noisy = noisy
    def __len__(self):
        return len(self.x)
    def __getitem__(self, place):
        x = self.x[place]
        return x + 0.1 * torch.randn(3) * self.noisy, int(x.sum() > 0)

def load():
    return {"train": Points(50, noisy=True), "validation": Points(20), "test": Points(10)}
"""


def test_datasets_train_evaluate_predict_and_resume(tmp_path: Path) -> None:
    changes = {"task": "classification", "data": {"source": {"kind": "python", "target": "own_points:load"}}}
    changes["training"] = {"epochs": 3}
    for name in ("whole", "parts"):
        own_module(tmp_path / name, "own_points", DATASETS)
    whole, uninterrupted = run(tmp_path / "whole", changes)
    assert uninterrupted.test_loss is not None
    assert {row.prediction for row in uninterrupted.predictions} <= {"low", "high"}
    assert len(uninterrupted.predictions) == 20
    assert whole.epochs[0].layers

    own_module(tmp_path / "parts", "own_points", DATASETS)
    first, stopped = run(tmp_path / "parts", changes, sink=StopIn(2))
    assert stopped.status == "interrupted"
    second, resumed = run(tmp_path / "parts", changes, resume=True)
    assert first.losses + second.losses == whole.losses
    assert resumed.weights_hash == uninterrupted.weights_hash


MANY = """
import numpy as np

def labels():
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
    return x, (x > 0).astype("float32")

def values():
    x = np.random.default_rng(0).normal(size=(40, 3))
    return x, np.stack([100 + 10 * x[:, 0], -x[:, 1]], 1)

def one_row():
    x = np.random.default_rng(0).normal(size=(9, 3)).astype("float32")
    return {"train": (x, np.arange(9) % 2), "validation": (x[:1] + 1, np.array([1]))}
"""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    own_module(tmp_path, "own_many", MANY)
    return tmp_path


def many_source(name: str) -> dict[str, Any]:
    return {"source": {"kind": "python", "target": f"own_many:{name}"}}


def test_several_labels_are_predicted_as_labels(many: Path) -> None:
    sink, end = run(many, {"task": "multilabel", "data": many_source("labels")})
    assert 0 <= sink.epochs[0].metrics["accuracy"] <= 1
    assert all(set(row.prediction) <= {0, 1} for row in end.predictions if isinstance(row.prediction, list))
    assert len(end.predictions) == 8


def test_several_values_are_predicted_in_their_own_units(many: Path) -> None:
    data = {**many_source("values"), "targets": ["standardize"]}
    _, end = run(many, {"task": "regression", "data": data, "training": {"epochs": 5}})
    first = [row.target[0] for row in end.predictions if isinstance(row.target, list)]
    assert len(first) == 8
    assert 70 < min(first) < max(first) < 130


def test_a_validation_of_one_row_is_measured(many: Path) -> None:
    sink, end = run(many, {"task": "classification", "data": many_source("one_row")})
    assert end.status == "finished"
    assert sum(sink.epochs[0].predicted_counts) == 1


@pytest.mark.parametrize("task", ["binary", "classification"])
@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_both_precisions_learn_both_kinds_of_two_classes(tmp_path: Path, task: str, precision: str) -> None:
    source = {"source": {"kind": "synthetic", "pattern": {"kind": "blobs", "classes": 2}, "rows": 200}}
    training = {"precision": precision, "epochs": 8}
    sink, _ = run(tmp_path, {"task": task, "data": source, "training": training, "optimizer": {"lr": 0.03}})
    assert sink.epochs[-1].metrics["accuracy"] > 0.9
