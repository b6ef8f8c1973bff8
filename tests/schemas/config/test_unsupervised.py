"""What goes together in reconstruction, metric learning and pre-training, and what is said where it doesn't."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logbook_schemas.config.identity import freeze, thaw
from logbook_schemas.config.leaves import flatten
from logbook_schemas.config.run import RunConfig


def config(**changes: Any) -> RunConfig:
    base = {"name": "a", "data": {"source": {"kind": "sklearn", "dataset": "digits"}}}
    return RunConfig.model_validate_json(json.dumps({**base, **changes}))


RECONSTRUCTION: dict[str, Any] = {"task": "reconstruction"}
METRIC: dict[str, Any] = {"task": "metric-learning"}
SIGMOID = {"kind": "mlp", "hidden": [8], "activation": "sigmoid"}


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        (RECONSTRUCTION, "model.kind", "autoencoder"),
        (RECONSTRUCTION, "loss.kind", "mse"),
        (RECONSTRUCTION, "metrics[0].kind", "mae"),
        (RECONSTRUCTION, "data.split.stratify", False),
        ({**RECONSTRUCTION, "model": "rbm"}, "training.procedure.kind", "contrastive-divergence"),
        (
            {**RECONSTRUCTION, "model": "rbm", "training": {"procedure": {"k": 3}}},
            "training.procedure.kind",
            "contrastive-divergence",
        ),
        ({**RECONSTRUCTION, "model": "rbm"}, "optimizer.lr", 0.1),
        ({**RECONSTRUCTION, "model": {"kind": "rbm", "visible": "gaussian"}}, "optimizer.lr", 0.01),
        (
            {**RECONSTRUCTION, "data": {"source": {"kind": "csv", "path": "x.csv"}}},
            "data.source.target",
            None,
        ),
        ({**RECONSTRUCTION, "data": {"source": {"kind": "npz", "path": "x.npz"}}}, "data.source.targets", None),
        (METRIC, "model.kind", "embedding"),
        (METRIC, "model.network.kind", "mlp"),
        (METRIC, "loss.kind", "triplet"),
        (METRIC, "metrics[0].kind", "nearest-neighbour-accuracy"),
        (METRIC, "training.procedure.kind", "triplets"),
        (METRIC, "data.split.stratify", True),
        ({"model": SIGMOID, "training": {"pretraining": {}}}, "training.pretraining.lr", 0.1),
        ({"model": SIGMOID, "training": {"pretraining": {"visible": "gaussian"}}}, "training.pretraining.lr", 0.01),
        ({"model": SIGMOID, "training": {"pretraining": "contrastive-divergence"}}, "training.pretraining.k", 1),
        ({}, "training.pretraining", None),
        ({"training": {"procedure": {}}}, "training.procedure.kind", "standard"),
    ],
)
def test_defaults_follow_task_and_model(changes: dict[str, Any], path: str, value: object) -> None:
    frozen = freeze(config(**changes))
    assert dict(flatten(json.loads(frozen.body)))[path] == value
    assert freeze(thaw(frozen.body)) == frozen


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({**RECONSTRUCTION, "model": "mlp"}, ["task is 'reconstruction'", "model.kind is 'mlp'", "'autoencoder'"]),
        ({"model": "autoencoder"}, ["model.kind is 'autoencoder'", "task is 'classification'"]),
        ({**METRIC, "model": "cnn"}, ["model.kind is 'cnn'", "'embedding' or 'python'"]),
        ({**METRIC, "loss": "mse"}, ["loss.kind is 'mse'", "'triplet' or 'python'"]),
        ({"loss": "triplet"}, ["loss.kind is 'triplet'", "task is 'classification'"]),
        ({"training": {"procedure": "triplets"}}, ["training.procedure is 'triplets'", "task is 'classification'"]),
        ({"training": {"procedure": "contrastive-divergence"}}, ["training.procedure", "model.kind is 'mlp'"]),
        (
            {**RECONSTRUCTION, "model": "rbm", "training": {"procedure": "standard"}},
            ["training.procedure is 'standard'", "model.kind is 'rbm'"],
        ),
        (
            {**METRIC, "training": {"batch_size": 6}},
            ["training.batch_size is 6", "training.procedure.examples_per_class 4"],
        ),
        ({**RECONSTRUCTION, "model": "rbm", "loss": "bce-with-logits"}, ["loss.kind is 'bce-with-logits'", "'bce'"]),
        (
            {**RECONSTRUCTION, "model": {"kind": "rbm", "visible": "gaussian"}, "loss": "bce"},
            ["loss.kind is 'bce'", "model.visible is 'gaussian'"],
        ),
        (
            {**RECONSTRUCTION, "data": {"source": {"kind": "npz", "path": "x"}, "targets": ["standardize"]}},
            ["data.targets", "reconstruction"],
        ),
        ({"training": {"pretraining": {}}}, ["training.pretraining", "model.activation to 'sigmoid', not 'relu'"]),
        ({"model": "cnn", "training": {"pretraining": {}}}, ["training.pretraining", "model.kind 'cnn'"]),
        ({"model": {**SIGMOID, "hidden": []}, "training": {"pretraining": {}}}, ["model.hidden []"]),
        ({"model": {**SIGMOID, "normalization": "batch"}, "training": {"pretraining": {}}}, ["model.normalization"]),
        ({"model": {**SIGMOID, "bias": False}, "training": {"pretraining": {}}}, ["model.bias"]),
        (
            {"task": "regression", "data": {"source": {"kind": "csv", "path": "x.csv", "target": None}}},
            ["data.source.target is null", "task is 'regression'"],
        ),
    ],
)
def test_what_cannot_work_together_is_refused_with_its_fields(changes: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(ValueError, match="Value error") as caught:
        config(**changes)
    for field in fields:
        assert field in str(caught.value)


def test_a_table_without_a_target_needs_the_task_to_say_so() -> None:
    with pytest.raises(ValueError, match=r"data\.source\.csv\.target\n  Field required"):
        config(task="regression", data={"source": {"kind": "csv", "path": "x.csv"}})
