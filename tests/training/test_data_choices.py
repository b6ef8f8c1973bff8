"""Every split, preparation and balance trains, to a loss that says it did no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.trainings import own_module, run

TRAINING = {"epochs": 8, "batch_size": 16}
SOURCE = {"kind": "csv", "path": "points.csv", "target": "y"}
QUICK = {"task": "binary", "optimizer": {"kind": "adam", "lr": 0.05}, "model": {"kind": "mlp", "hidden": [8]}}


def write_points(folder: Path, *, name: str = "points.csv", rows: int = 120, rare: int = 3) -> None:
    """Write two clouds, told apart by `a` and `b`, with a person, a day and a kind beside them; class 1 is rarer."""
    rng = np.random.default_rng(0)
    lines = ["a,b,kind,person,day,y"]
    for row in range(rows):
        label = int(rng.integers(rare) == 0)
        a, b = rng.normal(3.0 * label, 1), rng.normal(200.0 * label, 60)
        lines.append(
            f"{a:.3f},{b:.1f},{rng.integers(4)},p{row % 12},2026-{1 + row // 28:02d}-{1 + row % 28:02d},{label}"
        )
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n")


def final_loss(folder: Path, **data: Any) -> float:
    source = {**SOURCE, "features": data.pop("features", ["a", "b"])}
    sink, end = run(folder, {**QUICK, "data": {"source": source, **data}, "training": TRAINING})
    assert end.status == "finished"
    loss = min(record.val_loss for record in sink.epochs if record.val_loss is not None)
    return float(loss)


@pytest.mark.parametrize(
    "split",
    [
        "stratified",
        {"kind": "group", "by": "person", "test": 0.1},
        {"kind": "ordered", "by": "day"},
        {"kind": "ordered", "validation": 0.3},
        {"kind": "k-fold", "folds": 3, "fold": 2},
        {"kind": "k-fold", "folds": 4, "by": "person", "test": 0.1},
        {"kind": "files", "validation": "more.csv"},
    ],
    ids=str,
)
def test_every_kind_of_split_trains(tmp_path: Path, split: Any) -> None:
    write_points(tmp_path)
    write_points(tmp_path, name="more.csv", rows=30)
    assert final_loss(tmp_path, split=split) < 0.3


@pytest.mark.parametrize(
    "step",
    [
        {"kind": "standardize", "per": "whole"},
        {"kind": "standardize", "columns": ["b"]},
        {"kind": "standardize", "groups": [["a", "b"]]},
        {"kind": "min-max", "low": -1.0},
        "clip-quantiles",
        "quantile",
        "whiten",
        {"kind": "whiten", "method": "pca", "components": 2},
        {"kind": "one-hot", "columns": ["kind"]},
    ],
    ids=str,
)
def test_every_preparation_trains(tmp_path: Path, step: Any) -> None:
    write_points(tmp_path)
    steps = [step, "standardize"] if step in ("clip-quantiles", "quantile") else [step]
    if isinstance(step, dict) and step["kind"] == "one-hot":
        steps.append({"kind": "standardize", "columns": ["a", "b"]})
    assert final_loss(tmp_path, inputs=steps, features=["a", "b", "kind"]) < 0.35


@pytest.mark.parametrize("balance", ["undersample", "oversample", "class-weights"])
def test_a_rare_class_is_found_once_classes_count_alike(tmp_path: Path, balance: str) -> None:
    source = "import numpy as np\n\ndef data():\n    y = (np.arange(600) % 15 == 0) * 1\n"
    source += "    x = np.random.default_rng(0).normal(size=(600, 2)) + y[:, None]\n    return x, y\n"

    def recall(kind: str) -> float:
        name = f"rare_{balance}_{kind}".replace("-", "_")
        own_module(tmp_path / kind, name, source)
        data = {"source": {"kind": "python", "target": f"{name}:data"}, "balance": kind}
        sink, _ = run(tmp_path / kind, {**QUICK, "data": data, "training": TRAINING})
        return float(sink.epochs[-1].class_recall[1] or 0.0)

    assert recall(balance) > recall("none") + 0.3


def test_a_stream_is_prepared_and_evened_out_like_rows_in_memory(tmp_path: Path) -> None:
    source = (
        "import numpy as np\nimport torch\n\n"
        "class Streamed(torch.utils.data.TensorDataset):\n    pass\n\n"
        "def data():\n    y = torch.arange(60) % 3 % 2\n"
        "    x = torch.stack([torch.arange(60.) % 4, y * 2. + torch.arange(60.) % 2], 1)\n"
        "    found = Streamed(x, y)\n    found.targets, found.groups = y, np.arange(60) // 3\n    return found\n"
    )
    own_module(tmp_path, "streamed_choices", source)
    data = {
        "source": {"kind": "python", "target": "streamed_choices:data"},
        "split": {"kind": "group", "validation": 0.2},
        "inputs": [{"kind": "one-hot", "columns": [0]}, {"kind": "standardize", "columns": ["4:5"]}],
        "balance": "oversample",
        "augment": ["noise"],
    }
    sink, end = run(tmp_path, {**QUICK, "data": data, "training": TRAINING})
    assert end.status == "finished"
    assert sink.epochs[-1].val_loss is not None
    assert sink.epochs[-1].val_loss < 0.5
