"""`data.limit`: a few training rows, to be learnt by heart; the other splits stay whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from logbook.training.data import load_data
from logbook_schemas.config.run import RunConfig
from tests.training.trainings import run


def config(**data: Any) -> RunConfig:
    blobs = {"kind": "synthetic", "pattern": "blobs", "rows": 200}
    raw = {
        "name": "few",
        "data": {"source": blobs, **data},
        "model": {"kind": "mlp", "hidden": [32]},
        "training": {"epochs": 60},
    }
    return RunConfig.model_validate_json(json.dumps(raw))


def test_the_training_split_alone_is_cut(tmp_path: Path) -> None:
    whole, few = load_data(config(), tmp_path), load_data(config(limit=10), tmp_path)
    assert len(few.train) == 10
    assert set(few.train.rows) < set(whole.train.rows)
    assert whole.validation is not None
    assert few.validation is not None
    assert np.array_equal(few.validation.rows, whole.validation.rows)
    assert len(load_data(config(limit=10_000), tmp_path).train) == len(whole.train)


def test_a_few_rows_are_learnt_by_heart(tmp_path: Path) -> None:
    raw = config(limit=10).model_dump(mode="json", exclude={"training"})
    sink, _ = run(
        tmp_path, {**raw, "optimizer": {"kind": "adam", "lr": 0.02}, "training": {"epochs": 60, "batch_size": 5}}
    )
    losses = [record.train_loss for record in sink.epochs]
    assert losses[0] is not None
    assert losses[-1] is not None
    assert losses[-1] < 0.02 < losses[0]
