"""Steps over several batches, several steps on one batch, limits, batch sizes that change: whole small trainings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from logbook.training.checkpoints import LAST, load_checkpoint
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.series import unpack_series
from tests.training.trainings import Sink, own_module, run


class SeriesSink(Sink):
    """Keeps the series too, and stops inside an epoch where told to."""

    def __init__(self, *, stop_in: int | None = None) -> None:
        super().__init__()
        self.series: list[dict[str, list[float]]] = []
        self._stop_in = stop_in

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        assert series is not None
        self.series.append(unpack_series(series))
        return super().epoch(record, series, is_best=is_best)

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return epoch == self._stop_in


def weights(folder: Path) -> list[torch.Tensor]:
    state = load_checkpoint(folder / "checkpoints" / LAST, device=torch.device("cpu"))
    return [value for value in state["model"].values() if value.is_floating_point()]


def assert_same_weights(one: Path, other: Path) -> None:
    for left, right in zip(weights(one), weights(other), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("more", [{}, {"regularization": {"l1": 0.01, "l2": 0.01}}], ids=["plain", "penalty"])
@pytest.mark.parametrize("batch", [8, 7, 5])
def test_accumulated_batches_step_like_one_large_batch(tmp_path: Path, batch: int, more: dict[str, Any]) -> None:
    # 48 training rows: of 7 and 5 rows a batch, the last group of an epoch has fewer batches, and they are unequal.
    momentum = {"optimizer": {"kind": "momentum", "lr": 0.05}, **more}
    large, _ = run(tmp_path / "large", {**momentum, "training": {"batch_size": 3 * batch}})
    small, _ = run(
        tmp_path / "small", {**momentum, "training": {"batch_size": batch}, "gradients": {"accumulation": 3}}
    )
    assert_same_weights(tmp_path / "large", tmp_path / "small")
    for one, other in zip(large.epochs, small.epochs, strict=True):
        assert one.steps == other.steps
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-5)
        assert one.train_regularization == (pytest.approx(other.train_regularization, rel=1e-5) if more else None)
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)


def test_accumulation_weighs_batches_by_their_classes_weights(tmp_path: Path) -> None:
    weighted = {"loss": {"kind": "cross-entropy", "class_weights": [1.0, 20.0, 0.1]}}
    large, _ = run(tmp_path / "large", {**weighted, "training": {"batch_size": 24}})
    small, _ = run(tmp_path / "small", {**weighted, "training": {"batch_size": 8}, "gradients": {"accumulation": 3}})
    assert_same_weights(tmp_path / "large", tmp_path / "small")
    assert large.epochs[-1].train_loss == pytest.approx(small.epochs[-1].train_loss, rel=1e-5)


def test_several_updates_are_made_on_the_same_batch(tmp_path: Path) -> None:
    own_module(
        tmp_path,
        "listening",
        "import torch\nfrom torch import nn\n"
        "seen = []\n"
        "class Ear(nn.Module):\n"
        "    def forward(self, x):\n"
        "        if self.training and torch.is_grad_enabled(): seen.append(x.sum().item())\n"
        "        return x\n"
        "def net(output_size):\n"
        "    return nn.Sequential(Ear(), nn.Linear(2, output_size))\n",
    )
    changes = {
        "model": {"kind": "python", "target": "listening:net"},
        "training": {"epochs": 1, "batch_size": 16, "updates_per_batch": 3},
    }
    sink, _ = run(tmp_path, changes, sink=SeriesSink())
    seen = sys.modules["listening"].seen
    assert len(seen) == 9
    assert seen[0] == seen[1] == seen[2] != seen[3]
    assert sink.epochs[0].steps == 9
    assert isinstance(sink, SeriesSink)
    losses = sink.series[0]["loss"]
    assert losses[0] > losses[1] > losses[2]


@pytest.mark.parametrize(
    ("steps", "epochs", "done"), [(5, None, [3, 5]), (3, None, [3]), (100, 2, [3, 6])], ids=["cut", "whole", "epochs"]
)
def test_training_ends_after_its_steps(tmp_path: Path, steps: int, epochs: int | None, done: list[int]) -> None:
    training: dict[str, Any] = {"batch_size": 16, "steps": steps, "epochs": epochs or steps}
    sink, end = run(tmp_path, {"training": training, "schedule": {"kind": "cosine"}})
    assert end.status == "finished"
    assert [record.steps for record in sink.epochs] == done
    assert end.reason == ("" if epochs else f"training.steps is {steps}, and all are done")
    # The schedule is laid over the steps that are made.
    assert sink.epochs[-1].lr == pytest.approx(0.0, abs=1e-9)
    assert all(layer.update_ratio is not None for layer in sink.epochs[-1].layers if layer.parameters)


def test_training_ends_when_its_time_is_over(tmp_path: Path) -> None:
    own_module(
        tmp_path,
        "slow",
        "import time\nfrom torch import nn\n"
        "class Slow(nn.Linear):\n"
        "    def forward(self, x):\n"
        "        time.sleep(0.02)\n"
        "        return super().forward(x)\n"
        "def net(output_size): return Slow(2, output_size)\n",
    )
    changes = {
        "model": {"kind": "python", "target": "slow:net"},
        "training": {"epochs": 10_000, "batch_size": 2, "time_limit": 0.5},
    }
    sink, end = run(tmp_path, changes)
    assert end.status == "finished"
    assert end.reason == "training.time_limit of 0.5 s is over"
    # An epoch has 24 steps of 20 ms: the second one is cut short, and recorded as far as it went.
    assert 1 <= len(sink.epochs) <= 2
    assert 0 < sink.epochs[-1].steps < 48
    assert end.best_epoch is not None
    again, resumed = run(tmp_path, changes, resume=True)
    assert again.epochs == []
    assert resumed.reason == end.reason


def test_a_signal_before_the_time_is_over_is_an_interruption(tmp_path: Path) -> None:
    sink = SeriesSink(stop_in=2)
    _, end = run(tmp_path, {"training": {"epochs": 5, "time_limit": 1000.0}}, sink=sink)
    assert end.status == "interrupted"
    assert end.reason == ""


def test_the_batch_size_grows(tmp_path: Path) -> None:
    growing = {"kind": "step", "every": 1, "factor": 2.0, "max": 32}
    training = {"epochs": 4, "batch_size": 8, "batch_schedule": growing}
    sink, _ = run(tmp_path, {"training": training}, sink=SeriesSink())
    assert isinstance(sink, SeriesSink)
    assert [len(series["loss"]) for series in sink.series] == [6, 3, 2, 2]


def loss_in_the_end(folder: Path, changes: dict[str, Any]) -> float:
    sink, _ = run(folder, {**changes, "training": {"epochs": 15, **changes.get("training", {})}})
    value = sink.epochs[-1].train_loss
    assert value is not None
    return value


LEARNING: list[dict[str, Any]] = [
    {"gradients": {"clip": {"kind": "norm", "max_norm": 0.25}}},
    {"gradients": {"clip": {"kind": "norm", "max_norm": 0.25, "per": "layer"}}},
    {"gradients": {"clip": {"kind": "norm", "max_norm": 0.25, "per": "parameter"}}},
    {"gradients": {"clip": {"kind": "value", "max_value": 0.1}}},
    {"gradients": {"renormalize": "layer"}},
    {"gradients": {"renormalize": "parameter"}},
    {"gradients": {"accumulation": 2}},
    {"training": {"updates_per_batch": 2}},
    {"training": {"batch_schedule": {"kind": "step", "every": 5}}},
    {"training": {"weight_average": {"kind": "exponential", "decay": 0.9}}},
    {"training": {"precision": "bfloat16"}},
    {"training": {"precision": "float16"}},
    {"training": {"batch_size": "all", "epochs": 40}},
    {"schedule": {"kind": "multi-step", "milestones": [20, 30]}},
    {"schedule": {"kind": "inverse-time", "decay": 0.01}},
    {"optimizer": {"kind": "padam", "lr": 0.05}},
    {"loss": {"kind": "cross-entropy", "class_weights": "balanced", "label_smoothing": 0.05}},
]


@pytest.mark.parametrize("changes", LEARNING, ids=str)
def test_blobs_are_learnt_with_every_option(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert loss_in_the_end(tmp_path, {"optimizer": {"kind": "momentum", "lr": 0.05}, **changes}) < 0.35


def test_clipping_is_said_to_be_active_where_it_was(tmp_path: Path) -> None:
    clip: Callable[[float], dict[str, Any]] = lambda most: {  # noqa: E731  the config is the point
        "gradients": {"clip": {"kind": "norm", "max_norm": most, "per": "layer"}}
    }
    small, _ = run(tmp_path / "small", clip(1e-3))
    large, _ = run(tmp_path / "large", clip(1e3))
    assert [record.clip_share for record in small.epochs] == [1.0, 1.0]
    assert [record.clip_share for record in large.epochs] == [0.0, 0.0]
