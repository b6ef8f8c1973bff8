"""Combinations that random configs found to fail in the middle: each is refused before training, with its fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from logbook.errors import ConfigError, DataError
from logbook.training.losses import build_loss
from logbook.training.trainer import prepare
from logbook_schemas.config.run import RunConfig
from logbook_schemas.reading import ReadingError, read_json, validate
from tests.training.trainings import job_of, run

CPU = torch.device("cpu")
IRIS = {"kind": "sklearn", "dataset": "iris"}


def reconstruction(*inputs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    data = {"source": IRIS, "split": {"kind": "ordered", "test": 0.2}, "inputs": [{"kind": "min-max"}, *inputs]}
    model = {"kind": "autoencoder", "hidden": [4], "bottleneck": 2, "output_activation": "sigmoid"}
    return {"task": "reconstruction", "data": data, "model": model, "loss": "bce", **changes}


def test_held_out_inputs_beyond_the_training_range_are_no_probabilities(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"the validation inputs at .*add .*clip.* to the end of data.inputs"):
        job_of(tmp_path, reconstruction())
    _, end = run(tmp_path, reconstruction({"kind": "clip", "low": 0, "high": 1}))
    assert end.status == "finished"


def test_rounding_makes_no_probability_invalid() -> None:
    config = RunConfig.model_validate_json(json.dumps({"name": "a", **reconstruction()}))
    loss = build_loss(config, Path())
    outputs = torch.full((2, 1), 0.5)
    assert loss(outputs, torch.tensor([[1 + 1e-7], [-1e-7]])) == loss(outputs, torch.tensor([[1.0], [0.0]]))
    with pytest.raises(RuntimeError):
        loss(outputs, torch.tensor([[1.01], [0.0]]))


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ({"output_activation": "sigmoid", "output_scale": 3}, "model.output_scale is 3"),
        ({"output_activation": "tanh"}, "model.output_activation is 'tanh'"),
        ({}, "model.output_activation is 'none'"),
    ],
)
def test_bce_wants_outputs_that_are_probabilities(tmp_path: Path, model: dict[str, Any], field: str) -> None:
    source = {"kind": "synthetic", "pattern": "xor", "rows": 20}
    changes = {"data": {"source": source}, "loss": "bce", "model": {"kind": "mlp", "hidden": [4], **model}}
    with pytest.raises(ConfigError, match=f"loss.kind is 'bce'.*{field}"):
        prepare(job_of(tmp_path, {"task": "binary", **changes}))


@pytest.mark.parametrize("cell", ["lstm", "gru", "plain"])
def test_a_cell_that_the_processor_lacks_in_half_precision_is_refused(tmp_path: Path, cell: str) -> None:
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "plain": torch.nn.RNN}[cell](1, 4, batch_first=True)
    try:
        with torch.autocast("cpu", dtype=torch.float16):
            layer(torch.zeros(1, 1, 1))
    except RuntimeError:
        can = False
    else:
        can = True
    changes = {"model": {"kind": "rnn", "cell": cell, "hidden": [4]}, "training": {"precision": "float16"}}
    job = job_of(tmp_path, changes)
    if can:
        assert run(tmp_path, changes)[1].status == "finished"
    else:
        with pytest.raises(ConfigError, match=f"training.precision is 'float16'.*has no {cell}.*model.kind 'rnn'"):
            prepare(job)


def images(folder: Path, side: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    np.savez(folder / "images.npz", x=random.normal(size=(12, 1, side, side)), y=np.arange(12) % 2)
    return {"source": {"kind": "npz", "path": "images.npz"}}


def test_one_row_has_no_variance_where_an_image_is_one_pixel(tmp_path: Path) -> None:
    model = {"kind": "cnn", "channels": [2], "pooling": "none", "normalization": "batch", "hidden": []}
    small = {"task": "classification", "data": images(tmp_path, 1), "model": model, "training": {"batch_size": 1}}
    with pytest.raises(ConfigError, match=r"model.normalization is 'batch'.*training.batch_size is 1"):
        prepare(job_of(tmp_path, small))
    large = {**small, "data": images(tmp_path, 4)}
    assert run(tmp_path, large)[1].status == "finished"


def test_a_batch_schedule_that_ends_at_one_row_is_refused_from_the_start(tmp_path: Path) -> None:
    schedule = {"kind": "step", "every": 1, "factor": 0.25}
    changes = {
        "model": {"kind": "mlp", "hidden": [4], "normalization": "batch"},
        "training": {"batch_size": 4, "batch_schedule": schedule},
    }
    with pytest.raises(ConfigError, match=r"model.normalization is 'batch'.*training.batch_schedule goes down to 1"):
        prepare(job_of(tmp_path, changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"monitor": {"metric": {"kind": "accuracy"}}}, "monitor.metric"),
        ({"monitor": {"metric": ["accuracy"]}}, "monitor.metric"),
        ({"task": "reconstruction", "data": {"source": {"kind": ["npz"]}}}, "data.source"),
    ],
)
def test_a_list_or_an_object_in_the_place_of_a_word_is_named(changes: dict[str, Any], field: str) -> None:
    raw = {"name": "a", "data": {"source": IRIS}, **changes}
    with pytest.raises(ReadingError, match=field):
        validate(read_json(json.dumps(raw), name="a.json"), RunConfig)
