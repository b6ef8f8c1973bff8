"""Optimizers that evaluate the loss several times a step, through whole trainings on small data."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from logbook.errors import ConfigError
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.series import unpack_series
from tests.training.trainings import Sink, own_module, run

SEARCHING = ["lbfgs", "conjugate-gradient", "line-search"]
SINE: dict[str, Any] = {
    "data": {"source": {"kind": "synthetic", "pattern": "sine", "rows": 80}},
    "model": {"kind": "mlp", "hidden": [16], "activation": "tanh"},
}


class SeriesSink(Sink):
    def __init__(self) -> None:
        super().__init__()
        self.series: list[bytes] = []

    def epoch(self, record: Any, series: bytes | None, *, is_best: bool) -> bool:
        assert series is not None
        self.series.append(series)
        return super().epoch(record, series, is_best=is_best)


@pytest.mark.parametrize(("kind", "below"), [("lbfgs", 0.02), ("conjugate-gradient", 0.02), ("line-search", 0.3)])
def test_a_search_on_full_batches_learns_a_sine(tmp_path: Path, kind: str, below: float) -> None:
    training = {"epochs": 15 if kind != "line-search" else 40, "batch_size": "all"}
    sink, end = run(tmp_path, {**SINE, "optimizer": kind, "training": training}, sink=SeriesSink())
    assert end.status == "finished"
    assert sink.epochs[-1].steps == training["epochs"]
    assert sink.epochs[-1].train_loss is not None
    assert sink.epochs[-1].train_loss < below
    assert sink.epochs[-1].val_loss is not None
    assert sink.epochs[-1].val_loss < 3 * below


def test_a_step_is_recorded_as_it_began_and_its_gradient_with_it(tmp_path: Path) -> None:
    sink = SeriesSink()
    run(tmp_path, {**SINE, "optimizer": "lbfgs", "training": {"epochs": 3, "batch_size": "all"}}, sink=sink)
    assert sink.starts[0].initial_loss == pytest.approx(sink.epochs[0].train_loss, rel=0.3)
    for series, record in zip(map(unpack_series, sink.series), sink.epochs, strict=True):
        assert series["loss"] == [pytest.approx(record.train_loss)]
        assert series["gradient_norm"][0] > 0
        assert all(layer.gradient_norm for layer in record.layers if layer.parameters)
        assert all(layer.update_ratio for layer in record.layers if layer.parameters)


@pytest.mark.parametrize("kind", SEARCHING)
def test_dropout_is_the_same_at_each_evaluation_of_a_step(tmp_path: Path, kind: str) -> None:
    # A line search that compared losses under different masks would find no way down from a good place.
    model = {**SINE["model"], "dropout": 0.2}
    changes = {**SINE, "model": model, "optimizer": kind, "training": {"epochs": 10, "batch_size": "all"}}
    own_module(
        tmp_path,
        "masks",
        "import torch\nfrom torch import nn\n"
        "seen = []\n"
        "class Watched(nn.Dropout):\n"
        "    def forward(self, x):\n"
        "        out = super().forward(x)\n"
        "        if self.training and torch.is_grad_enabled(): seen.append((out == 0).sum().item())\n"
        "        return out\n"
        "def net():\n"
        "    return nn.Sequential(nn.Linear(1, 16), nn.Tanh(), Watched(0.5), nn.Linear(16, 1))\n",
    )
    run(tmp_path, {**changes, "model": {"kind": "python", "target": "masks:net"}})
    seen = sys.modules["masks"].seen
    groups = 1 + sum(one != other for one, other in itertools.pairwise(seen))
    assert len(seen) > 15
    assert groups <= 10


@pytest.mark.parametrize("kind", SEARCHING)
def test_a_resumed_search_ends_at_the_same_weights(tmp_path: Path, kind: str) -> None:
    changes = {**SINE, "optimizer": kind, "training": {"epochs": 6, "batch_size": "all"}}
    whole, uninterrupted = run(tmp_path / "whole", changes)

    class Stopping(Sink):
        def should_stop(self) -> bool:
            return len(self.epochs) >= 3

    first, stopped = run(tmp_path / "parts", changes, sink=Stopping())
    assert stopped.status == "interrupted"
    second, resumed = run(tmp_path / "parts", changes, resume=True)
    assert first.losses + second.losses == whole.losses
    assert resumed.weights_hash == uninterrupted.weights_hash


def test_a_line_search_takes_minibatches_too(tmp_path: Path) -> None:
    sink, _ = run(tmp_path, {"optimizer": "line-search", "training": {"epochs": 5, "batch_size": 16}})
    assert sink.epochs[-1].metrics["accuracy"] > 0.9


def test_a_persons_optimizer_that_needs_a_closure_gets_one(tmp_path: Path) -> None:
    own = {"kind": "python", "target": "torch.optim:LBFGS", "kwargs": {"line_search_fn": "strong_wolfe"}}
    sink, _ = run(tmp_path, {**SINE, "optimizer": own, "training": {"epochs": 10, "batch_size": "all"}})
    assert sink.epochs[-1].train_loss is not None
    assert sink.epochs[-1].train_loss < 0.1
    for more in ({"gradients": {"clip": "norm"}}, {"training": {"precision": "float16"}}):
        with pytest.raises(ConfigError, match=r"gradients\.clip is norm|training\.precision is float16"):
            run(tmp_path, {**SINE, "optimizer": own, **more})


def test_the_penalty_is_part_of_what_is_searched(tmp_path: Path) -> None:
    changes = {**SINE, "optimizer": "lbfgs", "training": {"epochs": 6, "batch_size": "all"}}
    sink, _ = run(tmp_path, {**changes, "regularization": {"l2": 0.1}})
    penalties = [record.train_regularization or 0 for record in sink.epochs]
    totals = [(record.train_loss or 0) + penalty for record, penalty in zip(sink.epochs, penalties, strict=True)]
    assert all(later <= earlier + 1e-5 for earlier, later in itertools.pairwise(totals))
    # At its minimum the data's gradient and the penalty's cancel each other: neither loss is at its own.
    assert (sink.epochs[-1].gradient_norm or 1) < 0.01
    assert min(totals[-1], penalties[-1]) > 0.1


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"optimizer": "lbfgs", "training": {"batch_size": 64}}, "needs full batches: training.batch_size is 64"),
    ({"optimizer": "conjugate-gradient", "training": {"batch_size": 64}}, "training.batch_size is 64"),
    ({"optimizer": "conjugate-gradient", "schedule": "cosine"}, "schedule is cosine"),
    ({"optimizer": "conjugate-gradient", "schedule": {"kind": "constant", "warmup": 9}}, "with warmup 9"),
    ({"optimizer": "line-search", "gradients": {"clip": "value"}}, "gradients.clip is value"),
    ({"optimizer": "lbfgs", "gradients": {"renormalize": "layer"}}, "gradients.renormalize is layer"),
    ({"optimizer": "lbfgs", "training": {"precision": "float16"}}, "training.precision is float16"),
    ({"gradients": {"accumulation": 2}, "training": {"batch_size": "all"}}, "gradients.accumulation is 2"),
    (
        {"training": {"batch_size": "all", "batch_schedule": {"kind": "step", "every": 2}}},
        "batch_schedule changes the batch size, but batch_size is 'all'",
    ),
    (
        {"training": {"batch_size": 64, "batch_schedule": {"kind": "step", "every": 2, "max": 32}}},
        "batch_schedule.max is 32, below batch_size 64",
    ),
]


@pytest.mark.parametrize(("changes", "message"), IMPOSSIBLE, ids=[row[1][:40] for row in IMPOSSIBLE])
def test_what_can_not_go_together_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    raw = {"name": "a", "data": {"source": {"kind": "synthetic", "pattern": "blobs"}}, **changes}
    with pytest.raises(ValidationError) as caught:
        RunConfig.model_validate_json(json.dumps(raw))
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", ["lbfgs", "conjugate-gradient"])
def test_full_batches_are_the_default_of_optimizers_that_need_them(kind: str) -> None:
    raw = {"name": "a", "data": {"source": {"kind": "synthetic", "pattern": "blobs"}}, "optimizer": kind}
    assert RunConfig.model_validate_json(json.dumps(raw)).training.batch_size == "all"
