"""The training loop through its public door: real networks on the handwritten digits."""

from __future__ import annotations

import json
import math
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from logbook.errors import ConfigError, UserCodeError
from logbook.provenance import content_hash
from logbook.training.data import load_data
from logbook.training.state import Job
from logbook.training.trainer import prepare, train
from logbook_schemas.config.run import RunConfig
from logbook_schemas.records.measures import EndRecord, EpochRecord, StartRecord
from logbook_schemas.records.series import unpack_series

DIGITS: dict[str, Any] = {
    "name": "digits",
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "split": {"validation": 0.2, "test": 0.1}},
    "model": {"kind": "mlp", "hidden": [32]},
    "training": {"epochs": 3, "device": "cpu"},
}
STEPS = 40
"""1,258 training rows in batches of 32."""


class Sink:
    """Keeps what a training hands over, and stops it when told to."""

    def __init__(self, *, stop_in_epoch: int | None = None) -> None:
        self.starts: list[StartRecord] = []
        self.epochs: list[EpochRecord] = []
        self.series: list[bytes | None] = []
        self._stop_in = stop_in_epoch

    def start(self, record: StartRecord) -> None:
        self.starts.append(record)

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        self.epochs.append(record)
        self.series.append(series)
        return True

    def content(self, body: bytes) -> str:
        return content_hash(body)

    def message(self, text: str) -> None:
        raise AssertionError(text)

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return epoch == self._stop_in and step == steps // 2

    def should_stop(self) -> bool:
        return False

    def breakable(self) -> AbstractContextManager[None]:
        return nullcontext()


def config_of(changes: dict[str, Any]) -> RunConfig:
    merged = dict(DIGITS)
    for section, value in changes.items():
        old = merged.get(section)
        merged[section] = {**old, **value} if isinstance(old, dict) and value.get("kind") != "python" else value
    return RunConfig.model_validate_json(json.dumps(merged))


def run(
    folder: Path, changes: dict[str, Any], *, sink: Sink | None = None, resume: bool = False
) -> tuple[Sink, EndRecord]:
    config = config_of(changes)
    device = torch.device("cpu")
    job = Job(
        config=config,
        loaded=load_data(config, folder).to(device),
        folder=folder,
        checkpoints=folder / "checkpoints",
        device=device,
    )
    sink = sink or Sink()
    return sink, train(prepare(job), sink, resume=resume)


def losses(sink: Sink) -> list[tuple[int, float | None, float | None]]:
    return [(record.epoch, record.train_loss, record.val_loss) for record in sink.epochs]


def test_digits_are_learnt_in_three_epochs(tmp_path: Path) -> None:
    sink, end = run(tmp_path, {"model": {"hidden": [64]}, "optimizer": {"kind": "adam", "lr": 0.003}})
    assert end.status == "finished"
    assert [record.epoch for record in sink.epochs] == [1, 2, 3]
    assert sink.epochs[-1].metrics["accuracy"] > 0.93
    assert end.test_metrics["accuracy"] > 0.9
    assert end.best_epoch == 3


def test_the_series_holds_every_step(tmp_path: Path) -> None:
    sink, _ = run(tmp_path, {"training": {"epochs": 1}, "gradients": {"clip": {"kind": "norm", "max_norm": 0.5}}})
    assert sink.series[0] is not None
    series = unpack_series(sink.series[0])
    record = sink.epochs[0]
    assert len(series["loss"]) == record.steps == STEPS
    assert record.clip_share == pytest.approx(sum(series["clipped"]) / STEPS)
    assert series["lr"] == pytest.approx([0.001] * STEPS)
    assert all(norm > 0 for norm in series["gradient_norm"])


@pytest.mark.parametrize("seed", [0, 1])
def test_training_is_the_same_with_probes_on_and_off(tmp_path: Path, seed: int) -> None:
    common = {
        "model": {"hidden": [32], "dropout": 0.2, "normalization": "batch"},
        "training": {"epochs": 2, "seed": seed},
    }
    with_probes, one = run(tmp_path / "on", {**common, "diagnostics": {"every": 1}})
    without, other = run(tmp_path / "off", {**common, "diagnostics": {"every": 0}})
    assert one.weights_hash == other.weights_hash
    assert losses(with_probes) == losses(without)
    assert with_probes.epochs[0].layers
    assert not without.epochs[0].layers


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    _, one = run(tmp_path / "a", {"training": {"epochs": 1, "seed": 0}})
    _, other = run(tmp_path / "b", {"training": {"epochs": 1, "seed": 1}})
    assert one.weights_hash != other.weights_hash


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"model": {"dropout": 0.3, "normalization": "batch"}},
        {"schedule": {"kind": "cosine", "warmup": 10}},
        {"schedule": {"kind": "plateau", "patience": 0}, "optimizer": {"kind": "momentum", "lr": 0.05}},
        {"gradients": {"accumulation": 3, "renormalize": "layer"}, "training": {"updates_per_batch": 2}},
        {
            "training": {"weight_average": {"kind": "exponential", "decay": 0.95}},
            "model": {"dropout": 0.3, "normalization": "batch"},
        },
        {"training": {"precision": "float16"}, "loss": {"kind": "cross-entropy", "class_weights": "balanced"}},
        {
            "training": {"batch_schedule": {"kind": "step", "every": 1, "max": 128}, "steps": 70},
            "schedule": {"kind": "multi-step", "milestones": [30, 60], "gamma": 0.5},
        },
        {"optimizer": {"kind": "padam", "lr": 0.05}, "schedule": {"kind": "inverse-time", "decay": 0.01}},
        {"optimizer": "line-search"},
    ],
    ids=[
        "plain",
        "dropout-and-batchnorm",
        "cosine",
        "plateau",
        "accumulation",
        "average",
        "float16-and-class-weights",
        "batches-and-steps",
        "padam",
        "line-search",
    ],
)
def test_a_resumed_training_ends_at_the_same_weights(tmp_path: Path, changes: dict[str, Any]) -> None:
    changes = {**changes, "training": {"epochs": 4, **changes.get("training", {})}}
    changes["data"] = {"augment": [{"kind": "noise", "std": 0.1}]}
    whole, uninterrupted = run(tmp_path / "whole", changes)
    first, stopped = run(tmp_path / "parts", changes, sink=Sink(stop_in_epoch=3))
    assert stopped.status == "interrupted"
    second, resumed = run(tmp_path / "parts", changes, resume=True)
    assert losses(first) + losses(second) == losses(whole)
    assert resumed.weights_hash == uninterrupted.weights_hash
    assert (resumed.best_epoch, resumed.best_value) == (uninterrupted.best_epoch, uninterrupted.best_value)
    assert second.starts == []


def test_a_partial_epoch_is_not_recorded(tmp_path: Path) -> None:
    sink, end = run(tmp_path, {}, sink=Sink(stop_in_epoch=2))
    assert end.status == "interrupted"
    assert [record.epoch for record in sink.epochs] == [1]


def test_a_loss_that_explodes_ends_the_run_with_step_and_layer(tmp_path: Path) -> None:
    sink, end = run(tmp_path, {"optimizer": {"kind": "sgd", "lr": 1e20}})
    assert end.status == "diverged"
    assert end.nonfinite_epoch == 1
    assert end.nonfinite_step is not None
    assert 1 < end.nonfinite_step < STEPS
    assert end.nonfinite_layer is not None
    assert "hidden" in end.nonfinite_layer or "output" in end.nonfinite_layer
    assert not math.isfinite(sink.epochs[-1].train_loss or 0.0)


def test_a_layer_that_makes_nan_is_named(tmp_path: Path) -> None:
    (tmp_path / "logarithm.py").write_text(
        "import torch\nfrom torch import nn\n\n"
        "class Log(nn.Module):\n"
        "    def forward(self, x):\n"
        "        return torch.log(x)\n\n"
        "def make(input_shape, output_size):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), Log(), nn.Linear(16, output_size))\n"
    )
    _, end = run(tmp_path, {"model": {"kind": "python", "target": "logarithm:make"}})
    assert end.status == "diverged"
    assert end.nonfinite_step == 1
    assert end.nonfinite_layer == "2 (going forward)"


@pytest.mark.parametrize(
    ("changes", "watcher"),
    [
        ({"training": {"epochs": 2, "early_stopping": {"patience": 1}}}, "training.early_stopping watches val_loss"),
        ({"schedule": {"kind": "plateau"}}, "schedule.kind 'plateau' watches val_loss"),
    ],
)
def test_nothing_waits_for_a_number_that_is_never_measured(
    tmp_path: Path, changes: dict[str, Any], watcher: str
) -> None:
    module = f"own_rows_of_{next(iter(changes))}"
    (tmp_path / f"{module}.py").write_text(
        "import numpy as np\ndef rows(): return np.eye(20, dtype='float32'), np.arange(20) % 2\n"
    )
    source = {"source": {"kind": "python", "target": f"{module}:rows"}, "split": {"validation": 0.0}}
    with pytest.raises(ConfigError, match=watcher):
        run(tmp_path, {**changes, "task": "classification", "data": source})
    changes = {**changes, "task": "classification", "monitor": {"metric": "train_loss_eval"}}
    sink, end = run(tmp_path, {**changes, "data": source})
    assert end.status == "finished"
    assert len(sink.epochs) > 1


def test_early_stopping_waits_for_its_patience(tmp_path: Path) -> None:
    stopping = {"training": {"epochs": 50, "early_stopping": {"patience": 2}}}
    sink, end = run(tmp_path, {**stopping, "optimizer": {"kind": "adam", "lr": 0.05}})
    assert end.status == "early-stopped"
    assert end.best_epoch == sink.epochs[-1].epoch - 2
    assert end.best_value == min(record.val_loss for record in sink.epochs if record.val_loss is not None)


def test_an_exception_of_the_persons_model_is_theirs(tmp_path: Path) -> None:
    (tmp_path / "raising.py").write_text(
        "from torch import nn\n\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.line = nn.Linear(64, 10)\n"
        "    def forward(self, x):\n"
        "        raise RuntimeError('out of ideas')\n\n"
        "def make():\n"
        "    return Net()\n"
    )
    with pytest.raises(UserCodeError, match=r"RuntimeError: out of ideas \(raising.py:8\)") as caught:
        run(tmp_path, {"model": {"kind": "python", "target": "raising:make"}})
    assert "raise RuntimeError('out of ideas')" in caught.value.traceback_text


def test_predictions_are_kept_with_row_numbers_and_class_names(tmp_path: Path) -> None:
    _, end = run(tmp_path, {"training": {"epochs": 2}})
    assert len(end.predictions) == 100
    assert sum(row.target == row.prediction for row in end.predictions) > 50
    assert len({row.row for row in end.predictions}) == 100


def test_regression_is_reported_in_original_units(tmp_path: Path) -> None:
    source = {"source": {"kind": "sklearn", "dataset": "diabetes"}}
    sink, end = run(tmp_path, {"data": source, "training": {"epochs": 10}, "model": {"hidden": [16]}})
    # The targets run from 25 to 346; in scaled units an error of 40 would be absurd.
    assert 30 < sink.epochs[-1].metrics["mae"] < 80
    assert all(25 <= float(str(row.target)) <= 346 for row in end.predictions)


def test_a_training_that_crashed_after_its_last_epoch_does_not_go_on(tmp_path: Path) -> None:
    stopping = {
        "training": {"epochs": 50, "early_stopping": {"patience": 2}},
        "optimizer": {"kind": "adam", "lr": 0.05},
    }
    _first, end = run(tmp_path, stopping)
    (tmp_path / "checkpoints" / "best.pt").unlink()
    second, again = run(tmp_path, stopping, resume=True)
    assert again.status == end.status == "early-stopped"
    assert second.epochs == []
    assert again.best_epoch == end.best_epoch


def test_sparse_gradients_of_an_embedding_are_trained_and_probed(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text(
        "import torch\nfrom torch import nn\n\n"
        "def load():\n"
        "    rows = torch.randint(0, 20, (200, 5), generator=torch.Generator().manual_seed(0))\n"
        "    return rows, (rows[:, 0] > 9).long()\n\n"
        "def make(output_size):\n"
        "    return nn.Sequential(nn.Embedding(20, 8, sparse=True), nn.Flatten(), nn.Linear(40, output_size))\n"
    )
    changes = {
        "task": "classification",
        "data": {"source": {"kind": "python", "target": "words:load"}},
        "model": {"kind": "python", "target": "words:make"},
        "optimizer": {"kind": "sgd", "lr": 0.5},
    }
    sink, end = run(tmp_path, changes)
    assert end.status == "finished"
    assert sink.epochs[-1].layers[0].gradient_norm is not None
