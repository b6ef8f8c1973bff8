"""Which validation examples are kept as images, and what is kept of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logbook.provenance import content_hash
from logbook_schemas.records.images import NONFINITE
from tests.training.trainings import Sink, own_module, run

DIGITS: dict[str, Any] = {
    "data": {"source": {"kind": "sklearn", "dataset": "digits"}, "limit": 120, "inputs": ["standardize"]},
    "training": {"epochs": 2},
}
OWN = """
import numpy as np
import torch
from torch.utils.data import Dataset


def rows(shape=(1, 8, 8), count=60):
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(count, *shape)).astype(np.float32)
    return inputs, (inputs.reshape(count, -1)[:, 0] > 0).astype(int)


class Pictures(Dataset):
    def __init__(self):
        self.inputs, self.targets = rows()

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, index):
        return self.inputs[index], int(self.targets[index])


def dataset():
    return {"train": Pictures(), "validation": Pictures()}


def net(output_size):
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(output_size))


def of_many():
    def loss(outputs, targets):
        if len(outputs) < 2:
            raise ValueError("this loss compares rows")
        return torch.nn.functional.cross_entropy(outputs, targets)

    return loss
"""


class Keeping(Sink):
    """Keeps the contents too."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: dict[str, bytes] = {}

    def content(self, body: bytes) -> str:
        self.contents[content_hash(body)] = body
        return content_hash(body)


class AfterOneEpoch(Keeping):
    def should_stop(self) -> bool:
        return len(self.epochs) == 1


def own(folder: Path, name: str, **kwargs: Any) -> dict[str, Any]:
    own_module(folder, name, OWN)
    return {
        "task": "classification",
        "data": {"source": {"kind": "python", "target": f"{name}:rows", "kwargs": kwargs}},
        "model": {"kind": "python", "target": f"{name}:net"},
    }


def test_a_resumed_training_keeps_the_same_images(tmp_path: Path) -> None:
    whole, uninterrupted = run(tmp_path / "whole", DIGITS, sink=Keeping())
    _, stopped = run(tmp_path / "parts", DIGITS, sink=AfterOneEpoch())
    rest, resumed = run(tmp_path / "parts", DIGITS, sink=Keeping(), resume=True)
    assert (stopped.status, stopped.images) == ("interrupted", None)
    assert uninterrupted.images is not None
    assert resumed.images == uninterrupted.images
    assert isinstance(rest, Keeping)
    assert isinstance(whole, Keeping)
    assert list(rest.contents) == list(whole.contents) == [uninterrupted.images.blob]


def test_nothing_is_kept_where_nothing_is_measured(tmp_path: Path) -> None:
    changes = {**DIGITS, "diagnostics": {"every": 0}}
    sink, end = run(tmp_path / "off", changes, sink=Keeping())
    assert end.images is None
    assert isinstance(sink, Keeping)
    assert not sink.contents
    _, measured = run(tmp_path / "on", DIGITS)
    assert measured.images is not None
    assert measured.weights_hash == end.weights_hash


@pytest.mark.parametrize(
    ("shape", "kept"),
    [
        ((1, 8, 8), (1, 8, 8)),
        ((3, 5, 9), (3, 5, 9)),
        ((9, 8, 3), (3, 9, 8)),
        ((8, 10), (1, 8, 10)),
        ((1, 200, 100), (1, 64, 32)),
        ((64,), None),
        ((6, 10), None),
        ((2, 8, 8), None),
        ((1, 3, 3), None),
    ],
)
def test_images_are_told_by_their_shape(tmp_path: Path, shape: tuple[int, ...], kept: tuple[int, ...] | None) -> None:
    _, end = run(tmp_path, own(tmp_path, "own_shapes", shape=list(shape)))
    assert (end.images.shape if end.images is not None else None) == kept


def test_examples_of_a_dataset_are_kept(tmp_path: Path) -> None:
    changes = own(tmp_path, "own_dataset")
    changes["data"]["source"] = {"kind": "python", "target": "own_dataset:dataset"}
    sink, end = run(tmp_path, changes, sink=Keeping())
    assert end.images is not None
    assert isinstance(sink, Keeping)
    _, arrays = run(tmp_path / "arrays", own(tmp_path / "arrays", "own_arrays"), sink=Keeping())
    assert arrays.images is not None
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 1, 8, 8)).astype(np.float32)
    (body,) = sink.contents.values()
    layer = end.images.layers[0]
    for row, pixels in zip(end.images.images, end.images.pixels(body, 0, 16), strict=True):
        levels = np.frombuffer(pixels, dtype=np.uint8).reshape(1, 8, 8)
        assert (levels != NONFINITE).all()
        step = (layer.high - layer.low) / 254
        assert np.abs(layer.low + levels * step - inputs[row.row]).max() < step


def test_a_loss_of_several_rows_together_is_told_and_harms_nothing(tmp_path: Path) -> None:
    changes = own(tmp_path, "own_pairs")
    _, end = run(tmp_path, {**changes, "loss": {"kind": "python", "target": "own_pairs:of_many"}})
    assert end.status == "finished"
    assert end.images is None
    assert "this loss compares rows" in end.skipped["images"]


def test_of_a_large_split_a_sample_is_searched(tmp_path: Path) -> None:
    changes = own(tmp_path, "own_many", shape=[1, 4, 4], count=20_900)
    changes["data"]["split"] = {"validation": 0.99}
    _, end = run(tmp_path, {**changes, "training": {"epochs": 1}, "metrics": []})
    assert end.images is not None
    assert (end.images.rows, end.images.of) == (20_000, 20_691)
    losses = [row.loss for row in end.images.worst]
    assert losses == sorted(losses, key=lambda loss: -(loss or 0))
