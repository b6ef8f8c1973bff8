"""Deep-belief networks: pre-training layer by layer, durable and resumable, and fine-tuning after it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from logbook.errors import DataError
from logbook.training.pretraining import Pretraining
from logbook.training.seeding import Generators
from logbook_cli.app import main
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.records.measures import EpochRecord
from logbook_schemas.records.series import unpack_series
from tests.training.trainings import Sink, job_of, run

DEEP: dict[str, Any] = {
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": [{"kind": "min-max", "per": "whole"}]},
    "model": {"kind": "mlp", "hidden": [64, 32], "activation": "sigmoid", "dropout": 0.1},
    "optimizer": {"kind": "adam", "lr": 0.01},
    "training": {"pretraining": {"epochs": 3}, "epochs": 4, "batch_size": 32},
}


class Until(Sink):
    """Stops within an epoch, at half its steps, or before it: `(phase, epoch)`."""

    def __init__(self, records: int, *, within: bool = False) -> None:
        super().__init__()
        self._records, self._within = records, within
        self.series: list[bytes | None] = []

    def epoch(self, record: EpochRecord, series: bytes | None, *, is_best: bool) -> bool:
        self.series.append(series)
        return super().epoch(record, series, is_best=is_best)

    def step(self, epoch: int, step: int, steps: int) -> bool:
        return self._within and len(self.epochs) == self._records and step == steps // 2

    def should_stop(self) -> bool:
        return not self._within and len(self.epochs) >= self._records


def phases(sink: Sink) -> list[tuple[str, int, float | None, float | None]]:
    return [(one.phase, one.epoch, one.train_loss, one.val_loss) for one in sink.epochs]


def test_pretrained_digits_are_learnt_in_four_epochs(tmp_path: Path) -> None:
    sink, end = run(tmp_path / "with", DEEP)
    before = [one for one in sink.epochs if one.phase == "pretrain"]
    assert [(one.phase, one.epoch) for one in sink.epochs] == [
        *(("pretrain", number) for number in range(1, 7)),
        *(("train", number) for number in range(1, 5)),
    ]
    assert [one.extra["layer"] for one in before] == ["hidden.0"] * 3 + ["hidden.1"] * 3
    assert (before[2].val_loss or 1) < 0.04 < (before[0].val_loss or 0)
    assert (before[5].val_loss or 1) < (before[3].val_loss or 0)
    assert sink.epochs[-1].metrics["accuracy"] > 0.9
    assert end.status == "finished"
    assert sink.epochs[-1].steps == 4 * math.ceil(1438 / 32)
    without, _ = run(tmp_path / "without", {**DEEP, "training": {"epochs": 4, "batch_size": 32}})
    assert sink.epochs[6].train_loss is not None
    assert sink.epochs[6].train_loss < (without.epochs[0].train_loss or 0)


@pytest.mark.parametrize("within", [False, True], ids=["between", "within"])
@pytest.mark.parametrize("records", [1, 3, 5, 6, 8], ids=lambda number: f"after-{number}")
def test_a_resumed_training_ends_at_the_same_weights(tmp_path: Path, records: int, within: bool) -> None:
    changes = {**DEEP, "training": {"pretraining": {"epochs": 3}, "epochs": 3, "batch_size": 128}}
    whole, uninterrupted = run(tmp_path / "whole", changes)
    first, stopped = run(tmp_path / "parts", changes, sink=Until(records, within=within))
    assert stopped.status == "interrupted"
    second, resumed = run(tmp_path / "parts", changes, resume=True)
    assert second.starts == []
    assert phases(first) + phases(second) == phases(whole)
    assert resumed.weights_hash == uninterrupted.weights_hash


def test_pretraining_is_the_same_with_probes_on_and_off(tmp_path: Path) -> None:
    changes = {**DEEP, "training": {"pretraining": {"epochs": 1}, "epochs": 1, "batch_size": 128}}
    one = run(tmp_path / "on", {**changes, "diagnostics": {"every": 1}})[1]
    other = run(tmp_path / "off", {**changes, "diagnostics": {"every": 0}})[1]
    assert one.weights_hash == other.weights_hash


def test_one_epoch_of_a_layer_is_that_of_a_machine_of_its_own(tmp_path: Path) -> None:
    """A naive second version: explicit probabilities, statistics and updates, momentum and decay included."""
    section = {"epochs": 1, "momentum": 0.6, "weight_decay": 0.01, "lr": 0.2}
    job = job_of(tmp_path, {**DEEP, "training": {"pretraining": section, "batch_size": 256}})
    torch.manual_seed(3)
    model = nn.Sequential()
    model.add_module("hidden", nn.Sequential(_layer(64, 8), _layer(8, 5)))
    rows = job.loaded.train.inputs
    assert rows is not None
    data = rows.flatten(1)
    linear = model.get_submodule("hidden.0.linear")
    assert isinstance(linear, nn.Linear)
    weight, hidden = linear.weight.detach().clone(), linear.bias.detach().clone()
    visible = torch.logit(
        data[torch.randperm(len(data), generator=torch.Generator().manual_seed(0))].mean(0).clamp(0.01, 0.99)
    )
    work = Pretraining.of(job.config, model, torch.device("cpu"))
    assert work is not None
    generators = Generators(0, torch.device("cpu"))
    generators.order.manual_seed(1)
    torch.manual_seed(7)
    work.train_epoch(job.loaded.train, generators, after_step=lambda step: False)
    torch.manual_seed(7)
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(1))
    moves = [torch.zeros_like(weight), torch.zeros_like(hidden), torch.zeros_like(visible)]
    for start in range(0, len(data), 256):
        batch = data[order[start : start + 256]]
        up = torch.sigmoid(batch @ weight.T + hidden)
        down = torch.sigmoid(torch.bernoulli(up) @ weight + visible)
        again = torch.sigmoid(down @ weight.T + hidden)
        steps = [
            (up.T @ batch - again.T @ down) / len(batch) - 0.01 * weight,
            (up - again).mean(0),
            (batch - down).mean(0),
        ]
        moves = [0.6 * move + step for move, step in zip(moves, steps, strict=True)]
        weight, hidden, visible = (
            value + 0.2 * move for value, move in zip((weight, hidden, visible), moves, strict=True)
        )
    assert torch.allclose(linear.weight, weight, atol=1e-4)
    assert torch.allclose(linear.bias, hidden, atol=1e-4)


def _layer(inputs: int, outputs: int) -> nn.Sequential:
    layer = nn.Sequential()
    layer.add_module("linear", nn.Linear(inputs, outputs))
    layer.add_module("activation", nn.Sigmoid())
    return layer


def test_the_series_of_a_pretraining_epoch_holds_every_step(tmp_path: Path) -> None:
    sink = Until(99)
    run(tmp_path, {**DEEP, "training": {"pretraining": {"epochs": 1, "batch_size": 200}, "epochs": 1}}, sink=sink)
    assert sink.series[0] is not None
    series = unpack_series(sink.series[0])
    assert len(series["loss"]) == sink.epochs[0].steps == 8
    assert sink.epochs[1].steps == 16
    assert all(norm > 0 for norm in series["gradient_norm"])


def test_gaussian_units_take_standardized_inputs_and_learn(tmp_path: Path) -> None:
    data = {"source": {"kind": "sklearn", "dataset": "wine"}, "inputs": ["standardize"]}
    pretraining = {"epochs": 30, "visible": "gaussian", "lr": 0.05}
    model = {"kind": "mlp", "hidden": [16], "activation": "sigmoid"}
    training = {"pretraining": pretraining, "epochs": 15, "batch_size": 16}
    sink, _ = run(tmp_path, {**DEEP, "data": data, "model": model, "training": training})
    assert (sink.epochs[29].train_loss or 9) < 0.75 < (sink.epochs[0].train_loss or 0)
    assert sink.epochs[-1].metrics["accuracy"] > 0.9


def test_a_rate_that_explodes_ends_the_run_with_its_layer(tmp_path: Path) -> None:
    data = {"source": {"kind": "sklearn", "dataset": "digits"}, "inputs": ["standardize"]}
    training = {"pretraining": {"epochs": 3, "visible": "gaussian", "lr": 1e15}, "epochs": 2, "batch_size": 64}
    sink, end = run(tmp_path, {**DEEP, "data": data, "training": training})
    assert end.status == "diverged"
    assert end.nonfinite_layer == "hidden.0 (pretraining)"
    assert end.nonfinite_epoch == 1
    assert sink.epochs[-1].phase == "pretrain"


def test_binary_units_refuse_inputs_that_are_no_probabilities(tmp_path: Path) -> None:
    changes = {**DEEP, "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
    with pytest.raises(DataError, match=r"training\.pretraining\.visible 'binary' wants inputs from 0 to 1"):
        run(tmp_path, changes)


def test_the_checklist_judges_no_curve_of_pretraining() -> None:
    """The error of another layer's reconstruction jumps, and no baseline is of it."""
    losses = [0.07, 0.05, 0.04, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
    epochs = tuple(EpochRecord(phase="pretrain", epoch=1 + place, train_loss=loss) for place, loss in enumerate(losses))
    assert judge_moment(Evidence(epochs=epochs), "epoch") == ()


def test_pretraining_is_durable_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    training = {"pretraining": {"epochs": 2}, "epochs": 2, "batch_size": 128, "device": "cpu"}
    (tmp_path / "deep.json").write_text(json.dumps({"name": "deep", **DEEP, "training": training}))
    assert _call("run", "deep.json") == 0
    said = capsys.readouterr().err
    assert "pretrain 3, hidden.1" in said
    assert _call("show", "@", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(one["phase"], one["epoch"]) for one in shown["epochs"]] == [
        *(("pretrain", 1), ("pretrain", 2), ("pretrain", 3), ("pretrain", 4)),
        *(("train", 1), ("train", 2)),
    ]
    assert _call("show", "@") == 0
    assert "pretrain 4, hidden.1" in capsys.readouterr().out


def _call(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)
