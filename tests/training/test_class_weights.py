"""Weights of classes: what they come to, what they do to losses, and what is refused before training."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor
from torch.nn import functional

from logbook.errors import ConfigError
from logbook.training.data.baseline import measure_baseline
from logbook.training.data.class_weights import loss_weights
from logbook.training.data.loading import load_data
from logbook.training.losses import LossFunction, build_loss
from logbook_schemas.config.run import RunConfig
from tests.training.trainings import job_of, own_module, run

NAMES = ("ant", "bee", "cow")
COUNTS = (40, 15, 5)


def rows(folder: Path) -> dict[str, Any]:
    """Three classes of very different size, that a line tells apart badly."""
    (folder / "rows.csv").write_text(
        "x,y,kind\n"
        + "".join(
            f"{place + 0.5 * np.sin(7 * row):.4f},{np.cos(5 * row):.4f},{name}\n"
            for place, (name, count) in enumerate(zip(NAMES, COUNTS, strict=True))
            for row in range(count)
        )
    )
    return {"source": {"kind": "csv", "path": "rows.csv", "target": "kind"}, "split": {"validation": 0.2}}


def changes(folder: Path, weights: object, *, kind: str = "cross-entropy", **more: Any) -> dict[str, Any]:
    loss = {"kind": kind, "class_weights": weights, **more.pop("loss", {})}
    return {
        "data": rows(folder),
        "task": "classification",
        "loss": loss,
        "model": {"kind": "mlp", "hidden": []},
        **more,
    }


def weights_of(folder: Path, section: dict[str, Any]) -> list[float] | None:
    job = job_of(folder, section)
    found = list(loss_weights(job.config, job.loaded).values())
    return found[0].tolist() if found else None


def test_balanced_weights_are_scikit_learns(tmp_path: Path) -> None:
    job = job_of(tmp_path, changes(tmp_path, "balanced"))
    assert job.loaded.train.targets is not None
    targets = job.loaded.train.targets.numpy()
    expected = compute_class_weight("balanced", classes=np.arange(3), y=targets)
    assert weights_of(tmp_path, changes(tmp_path, "balanced")) == pytest.approx(expected)


def test_weights_are_given_in_the_order_of_the_classes_or_by_name(tmp_path: Path) -> None:
    assert weights_of(tmp_path, changes(tmp_path, [1.0, 2.0, 3.0])) == [1, 2, 3]
    assert weights_of(tmp_path, changes(tmp_path, {"cow": 4.0, "ant": 0.5})) == [0.5, 1, 4]
    assert weights_of(tmp_path, changes(tmp_path, None)) is None


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 2.0], "loss.class_weights has 2 weights, but the data have 3 classes (ant, bee, cow)"),
        ({"bea": 2.0}, "loss.class_weights names the class 'bea', which isn't among the classes of the data"),
        ({"bea": 2.0}, "did you mean 'bee'?"),
    ],
)
def test_weights_that_fit_no_classes_are_refused(tmp_path: Path, weights: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(tmp_path, changes(tmp_path, weights))
    assert message in str(caught.value)


def built(folder: Path, section: dict[str, Any]) -> LossFunction:
    job = job_of(folder, section)
    weights = loss_weights(job.config, job.loaded)
    return build_loss(job.config, folder, output_size=job.loaded.output_size, **weights)


OUTPUTS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
CLASSES = torch.tensor([0, 1, 2, 2, 1, 0])


@pytest.mark.parametrize("kind", ["cross-entropy", "nll"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_loss_is_the_weighted_mean(tmp_path: Path, kind: str, dtype: torch.dtype) -> None:
    loss = built(tmp_path, changes(tmp_path, [1.0, 2.0, 5.0], kind=kind))
    weight = torch.tensor([1.0, 2.0, 5.0])[CLASSES]
    logs = OUTPUTS.to(dtype).float().log_softmax(1)
    expected = (weight * -logs[range(6), CLASSES]).sum() / weight.sum()
    given = OUTPUTS.to(dtype) if kind == "cross-entropy" else logs.to(torch.promote_types(dtype, torch.float32))
    assert float(loss(given, CLASSES)) == pytest.approx(float(expected), rel=1e-4)


def test_losses_of_batches_average_to_the_loss_of_all_rows_by_what_they_count(tmp_path: Path) -> None:
    loss = built(tmp_path, changes(tmp_path, [1.0, 2.0, 5.0]))
    counts = [float(loss.count(CLASSES[part])) for part in (slice(0, 2), slice(2, 6))]  # type: ignore[attr-defined]
    parts = [float(loss(OUTPUTS[part], CLASSES[part])) for part in (slice(0, 2), slice(2, 6))]
    mean = sum(part * count for part, count in zip(parts, counts, strict=True)) / sum(counts)
    assert mean == pytest.approx(float(loss(OUTPUTS, CLASSES)))


def recall_of_cow(folder: Path, weights: object) -> float:
    steps = {"training": {"epochs": 30}, "optimizer": {"kind": "adam", "lr": 0.03}}
    sink, _ = run(folder, changes(folder, weights, **steps))
    recall = sink.epochs[-1].class_recall[2]
    assert recall is not None
    return recall


def test_a_heavy_class_is_found_more_often(tmp_path: Path) -> None:
    assert recall_of_cow(tmp_path, {"cow": 1e-4}) == 0.0
    assert recall_of_cow(tmp_path, {"cow": 20.0}) == 1.0


def baseline_of(folder: Path, section: dict[str, Any]) -> float:
    config = job_of(folder, section).config
    loaded = load_data(config, folder)
    return measure_baseline(loaded, config)[0]["val_loss"]


def least_loss(folder: Path, section: dict[str, Any]) -> float:
    """The validation loss of the best constant, found by descent on the training split with the loss itself."""
    job, loss = job_of(folder, section), built(folder, section)
    train, validation = job.loaded.train.targets, job.loaded.validation
    assert train is not None
    assert validation is not None
    assert validation.targets is not None
    constant = torch.zeros(1, job.loaded.output_size, requires_grad=True)
    optimizer = torch.optim.LBFGS([constant], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss(constant.expand(len(train), -1), train)
        torch.autograd.backward(value)
        return value.detach()

    optimizer.step(closure)  # type: ignore[arg-type]
    return float(loss(constant.detach().expand(len(validation), -1), validation.targets))


@pytest.mark.parametrize("weights", ["balanced", [1.0, 2.0, 5.0], None], ids=str)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_baseline_has_the_same_weights(tmp_path: Path, weights: object, smoothing: float) -> None:
    section = changes(tmp_path, weights, loss={"label_smoothing": smoothing})
    assert baseline_of(tmp_path, section) == pytest.approx(least_loss(tmp_path, section), rel=1e-3)


def binary(pos_weight: object) -> dict[str, Any]:
    source = {"kind": "sklearn", "dataset": "breast_cancer"}
    return {"data": {"source": source}, "loss": {"kind": "bce-with-logits", "pos_weight": pos_weight}}


def test_positive_examples_count_as_the_config_says(tmp_path: Path) -> None:
    outputs, targets = OUTPUTS[:, :1], (CLASSES > 0).float()[:, None]
    loss = built(tmp_path, binary(3.0))
    expected = functional.binary_cross_entropy_with_logits(outputs, targets, torch.where(targets > 0, 3.0, 1.0))
    assert float(loss(outputs, targets)) == pytest.approx(float(expected))
    targets_of_split = job_of(tmp_path, binary(1.0)).loaded.train.targets
    assert targets_of_split is not None
    ones = float(targets_of_split.sum())
    assert weights_of(tmp_path, binary("balanced")) == pytest.approx([(len(targets_of_split) - ones) / ones])
    assert baseline_of(tmp_path, binary(3.0)) == pytest.approx(least_loss(tmp_path, binary(3.0)), rel=1e-3)
    with pytest.raises(ConfigError, match=r"loss\.pos_weight has 2 weights, but the network has 1 outputs"):
        run(tmp_path, binary([1.0, 2.0]))


def datasets(folder: Path, *, with_targets: bool) -> dict[str, Any]:
    own_module(
        folder,
        "streamed",
        "import torch\nfrom torch.utils.data import Dataset\n"
        "class Rows(Dataset):\n"
        "    def __init__(self):\n"
        "        self.rows = torch.randn(60, 2)\n"
        "        labels = [0] * 45 + [1] * 15\n"
        f"        {'self.targets = labels' if with_targets else 'self.hidden_labels = labels'}\n"
        "        self._all = labels\n"
        "    def __len__(self): return 60\n"
        "    def __getitem__(self, index): return self.rows[index], self._all[index]\n",
    )
    source = {"kind": "python", "target": "streamed:Rows"}
    split = {"validation": 0.2, "stratify": with_targets}
    loss = {"kind": "cross-entropy", "class_weights": "balanced"}
    return {"task": "classification", "data": {"source": source, "split": split}, "loss": loss}


def test_a_dataset_is_balanced_where_it_carries_its_targets(tmp_path: Path) -> None:
    assert weights_of(tmp_path, datasets(tmp_path, with_targets=True)) == pytest.approx([48 / 72, 48 / 24])
    with pytest.raises(ConfigError, match=r"loss\.class_weights is 'balanced', .* the Dataset Rows doesn't carry"):
        run(tmp_path, datasets(tmp_path, with_targets=False))
    sys.modules.pop("streamed", None)


@pytest.mark.parametrize("field", [{"pos_weight": 2.0}, {"kind": "cross-entropy", "class_weights": "balanced"}])
def test_classes_are_weighed_once(field: dict[str, Any]) -> None:
    data = {"source": {"kind": "sklearn", "dataset": "breast_cancer"}, "balance": "class-weights"}
    raw = {"name": "a", "data": data, "loss": {"kind": "bce-with-logits", **field}}
    with pytest.raises(ValidationError, match=f"loss.{list(field)[-1]} both weigh classes; set one"):
        RunConfig.model_validate_json(json.dumps(raw))


@pytest.mark.parametrize("loss", [{"kind": "bce-with-logits"}, {"kind": "cross-entropy"}], ids=str)
def test_accumulation_weighs_balanced_batches_too(tmp_path: Path, loss: dict[str, Any]) -> None:
    data = {"source": {"kind": "sklearn", "dataset": "breast_cancer"}, "balance": "class-weights"}
    section = {"data": data, "loss": loss, "optimizer": "momentum"}
    large, _ = run(tmp_path / "large", {**section, "training": {"batch_size": 60}})
    accumulated = {"training": {"batch_size": 20}, "gradients": {"accumulation": 3}}
    small, _ = run(tmp_path / "small", {**section, **accumulated})
    for one, other in zip(large.epochs, small.epochs, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-5)
        assert one.val_loss == pytest.approx(other.val_loss, rel=1e-4)
