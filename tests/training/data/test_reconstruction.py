"""Task reconstruction: the prepared inputs are the targets, whatever their shape and source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from logbook.errors import ConfigError, DataError
from logbook.training.data import load_data
from logbook.training.data.probe import probe_data
from logbook.training.feeding import epoch_batches
from logbook.training.losses import build_loss
from logbook.training.metrics import build_metrics
from logbook.training.seeding import Generators
from logbook_schemas.checklist.catalogue import judge_moment
from logbook_schemas.checklist.rule import Evidence
from logbook_schemas.config.run import RunConfig
from tests.training.trainings import run


def config_of(source: dict[str, Any], **changes: Any) -> RunConfig:
    inputs = changes.pop("inputs", [{"kind": "standardize"}])
    data = {"source": source, "inputs": inputs, **changes.pop("data", {})}
    return RunConfig.model_validate_json(json.dumps({"name": "a", "task": "reconstruction", "data": data, **changes}))


DIGITS = {"kind": "sklearn", "dataset": "digits"}


def test_targets_are_the_prepared_inputs_and_stand_in_memory_once(tmp_path: Path) -> None:
    loaded = load_data(config_of(DIGITS), tmp_path)
    assert loaded.train.targets is loaded.train.inputs
    assert loaded.output_size == 64
    assert loaded.classes == ()
    moved = loaded.to(torch.device("cpu"))
    assert moved.train.targets is moved.train.inputs
    values = np.asarray(loaded.train.inputs, dtype=np.float64)
    assert abs(values.mean()) < 1e-6


def test_a_table_and_an_archive_need_no_targets(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{n},{n % 3}\n" for n in range(20)))
    np.savez(tmp_path / "t.npz", x=np.arange(40.0).reshape(10, 2, 2))
    table = load_data(config_of({"kind": "csv", "path": "t.csv"}), tmp_path)
    assert table.columns == ("a", "b")
    assert load_data(config_of({"kind": "csv", "path": "t.csv", "target": "b"}), tmp_path).columns == ("a",)
    archive = load_data(config_of({"kind": "npz", "path": "t.npz"}), tmp_path)
    assert archive.train.targets is not None
    assert archive.train.targets.shape[1:] == (2, 2)


def test_noise_changes_the_inputs_and_leaves_the_targets_clean(tmp_path: Path) -> None:
    config = config_of(DIGITS, data={"augment": [{"kind": "noise", "std": 0.5}]})
    loaded = load_data(config, tmp_path)
    kept = loaded.train.inputs.clone() if loaded.train.inputs is not None else None
    cpu = torch.device("cpu")
    for inputs, targets in epoch_batches(config, loaded.train, Generators(0, cpu), cpu, batch_size=32):
        assert 0.4 < float((inputs - targets).std()) < 0.6
        break
    assert kept is not None
    assert loaded.train.inputs is not None
    assert torch.equal(loaded.train.inputs, kept)


@pytest.mark.parametrize("loss", ["bce", "bce-with-logits"])
def test_cross_entropy_of_a_reconstruction_wants_inputs_from_0_to_1(tmp_path: Path, loss: str) -> None:
    with pytest.raises(DataError, match=rf"loss\.kind '{loss}'.* but data\.inputs leaves .*set data\.inputs to"):
        load_data(config_of(DIGITS, loss=loss), tmp_path)
    # A pixel that is nearly always dark while training may be lighter later.
    steps = [{"kind": "min-max"}, *([{"kind": "clip", "low": 0, "high": 1}] if loss == "bce" else [])]
    load_data(config_of(DIGITS, loss=loss, inputs=steps), tmp_path)


def test_the_baseline_is_the_mean_of_the_inputs_in_original_units(tmp_path: Path) -> None:
    config = config_of(DIGITS, metrics=["mae", "rmse"])
    loaded = load_data(config, tmp_path)
    record, _ = probe_data(loaded, config)
    assert loaded.train.raw is not None
    assert loaded.validation is not None
    assert loaded.validation.raw is not None
    train, validation = (
        rows.inputs.reshape(len(rows.inputs), -1) for rows in (loaded.train.raw, loaded.validation.raw)
    )
    gaps = validation - train.mean(0)
    assert record.baseline_name == "mean of the inputs"
    assert record.baseline["mae"] == pytest.approx(np.abs(gaps).mean())
    assert record.baseline["rmse"] == pytest.approx(np.sqrt((gaps**2).mean()))
    flat = loaded.validation.inputs
    assert flat is not None
    # Standardized by feature, the mean is 0 everywhere.
    assert record.baseline["val_loss"] == pytest.approx(float(flat.double().square().mean()), rel=1e-4)
    assert record.targets == record.inputs
    findings = judge_moment(Evidence(config=config, data=record), "data")
    assert [found.name for found in findings if found.severity != "note"] == []


@pytest.mark.parametrize(
    ("inputs", "is_undone"),
    [([{"kind": "standardize"}], True), ([{"kind": "min-max"}], True), ([{"kind": "tanh-squash", "c": 8.0}], False)],
)
def test_metrics_are_in_original_units_where_there_is_a_way_back(
    tmp_path: Path, inputs: list[Any], is_undone: bool
) -> None:
    config = config_of(DIGITS, inputs=inputs)
    loaded = load_data(config, tmp_path)
    (mae,) = build_metrics(config, tmp_path, unscale=loaded.targets.unscale)
    targets = loaded.train.targets
    assert targets is not None
    assert loaded.train.raw is not None
    mean = float(np.abs(loaded.train.raw.inputs).mean()) if is_undone else float(targets.abs().mean())
    nothing = loaded.targets.apply(np.zeros_like(loaded.train.raw.inputs))
    assert mae(torch.from_numpy(nothing), targets) == pytest.approx(mean, rel=1e-4)


def test_logits_are_measured_as_what_they_stand_for(tmp_path: Path) -> None:
    config = config_of(DIGITS, inputs=[{"kind": "min-max", "per": "whole"}], loss="bce-with-logits")
    (mae,) = build_metrics(config, tmp_path)
    logits = torch.randn(3, 1, 8, 8)
    assert mae(logits, logits.sigmoid()) == pytest.approx(0, abs=1e-6)


def test_a_loss_or_metric_over_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"loss\.kind is 'cross-entropy'.*task is 'reconstruction'"):
        build_loss(config_of(DIGITS, loss="cross-entropy"), tmp_path)
    with pytest.raises(ConfigError, match=r"'accuracy' is for classification.*task is 'reconstruction'"):
        build_metrics(config_of(DIGITS, metrics=["accuracy"]), tmp_path)


def test_datasets_of_inputs_alone_are_read(tmp_path: Path) -> None:
    (tmp_path / "own_images.py").write_text(
        "import torch\nfrom torch.utils.data import Dataset\n\n"
        "class Rows(Dataset):\n"
        "    def __len__(self):\n        return 40\n"
        "    def __getitem__(self, index):\n"
        "        if index >= 40:\n            raise IndexError\n"
        "        return torch.full((2, 3), float(index % 2))\n\n"
        "def rows():\n    return Rows()\n"
    )
    source = {"source": {"kind": "python", "target": "own_images:rows"}}
    changes = {
        "task": "reconstruction",
        "data": source,
        "model": {"kind": "autoencoder", "hidden": [], "bottleneck": 2},
    }
    sink, end = run(tmp_path, {**changes, "optimizer": {"kind": "adam", "lr": 0.05}, "training": {"epochs": 20}})
    assert end.status == "finished"
    assert (sink.epochs[-1].val_loss or 1) < 0.01


def test_an_autoencoder_learns_the_digits(tmp_path: Path) -> None:
    model = {"kind": "autoencoder", "hidden": [48], "bottleneck": 16, "output_activation": "sigmoid"}
    data = {"source": DIGITS, "inputs": [{"kind": "min-max", "per": "whole"}]}
    changes = {"task": "reconstruction", "data": data, "model": model, "loss": "bce"}
    sink, end = run(tmp_path, {**changes, "optimizer": {"kind": "adam", "lr": 0.01}, "training": {"epochs": 8}})
    # The mean image loses 0.42; what no network can take away, since greys are no yes or no, is 0.24.
    assert (sink.epochs[-1].val_loss or 1) < 0.29
    assert sink.epochs[-1].metrics["mae"] < 1.6
    assert end.predictions == ()


def test_a_narrow_table_is_shown_with_its_reconstructions(tmp_path: Path) -> None:
    source = {"source": {"kind": "sklearn", "dataset": "iris"}}
    changes = {
        "task": "reconstruction",
        "data": source,
        "model": {"kind": "autoencoder", "hidden": [], "bottleneck": 2},
    }
    sink, end = run(tmp_path, {**changes, "optimizer": {"kind": "adam", "lr": 0.05}, "training": {"epochs": 20}})
    assert sink.epochs[-1].metrics["mae"] < 0.2  # centimetres
    row = end.predictions[0]
    assert isinstance(row.target, list)
    assert isinstance(row.prediction, list)
    assert len(row.target) == len(row.prediction) == 4


def test_a_prior_begins_at_the_mean_image(tmp_path: Path) -> None:
    data = {"source": DIGITS, "inputs": [{"kind": "min-max", "per": "whole"}]}
    model = {"kind": "autoencoder", "hidden": [8], "bottleneck": 2, "output_bias": "prior", "init": {"kind": "zeros"}}
    for loss, lost in (("mse", 0.0735), ("bce-with-logits", 0.423)):
        changes = {"task": "reconstruction", "data": data, "model": model, "loss": loss, "training": {"epochs": 1}}
        sink, _ = run(tmp_path / loss, changes)
        assert sink.starts[0].initial_loss == pytest.approx(lost, rel=0.05)


def test_columns_that_preparation_adds_are_reconstructed_too(tmp_path: Path) -> None:
    (tmp_path / "kinds.csv").write_text("a,kind\n" + "".join(f"{n},{n % 3}\n" for n in range(60)))
    inputs = [{"kind": "one-hot", "columns": ["kind"]}, {"kind": "standardize", "columns": ["a"]}]
    data = {"source": {"kind": "csv", "path": "kinds.csv"}, "inputs": inputs}
    model = {"kind": "autoencoder", "hidden": [], "bottleneck": 3}
    changes = {"task": "reconstruction", "data": data, "model": model, "optimizer": {"kind": "adam", "lr": 0.05}}
    sink, end = run(tmp_path, {**changes, "training": {"epochs": 30}})
    assert isinstance(end.predictions[0].prediction, list)
    assert len(end.predictions[0].prediction) == 4
    assert (sink.epochs[-1].val_loss or 1) < 0.02


def test_an_image_is_not_moved_while_its_target_stays(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"data\.augment\[0\] is 'flip'.*'reconstruction'"):
        config_of(DIGITS, data={"augment": ["flip"]})
