"""The numbers of targets: their scale, their outliers, and classes in disguise."""

import numpy as np
import pytest

from logbook.errors import DataError
from tests.checks import programs
from tests.checks.data.columns import config, found, severities, table

NUMBERS = {"task": "regression"}
SCALED = {"data": {"targets": ["standardize"]}, **NUMBERS}


@pytest.mark.parametrize("seed", range(3))
def test_outlying_targets_are_told_under_a_squared_loss(tmp_path, seed):
    x, _ = table(seed)
    y = x[:, 0] + 0.1 * np.random.default_rng(seed).normal(size=len(x))
    assert programs.told(found(tmp_path, config(**SCALED), all=(x, y))) == []
    y[::80] = 1e4
    first, *_ = found(tmp_path, config(**SCALED), all=(x, y))
    assert (first.name, first.severity, first.change) == ("outliers", "warning", {"loss": "huber"})
    robust = found(tmp_path, config(loss="huber", **SCALED), all=(x, y))
    assert "outliers" not in severities(robust)


@pytest.mark.parametrize("seed", range(3))
def test_lognormal_targets_raise_no_warning(tmp_path, seed):
    x, _ = table(seed)
    assert programs.told(found(tmp_path, config(**SCALED), all=(x, np.exp(x[:, 0])))) == []


def test_targets_of_different_size_are_told(tmp_path):
    x, _ = table()
    first, *_ = found(tmp_path, config(**NUMBERS), all=(x, x[:, :2] * [1, 30]))
    assert first.name in ("unequal-target-scales", "unscaled-targets")
    said = severities(found(tmp_path, config(**NUMBERS), all=(x, x[:, :2] * [0.5, 6])))
    assert said["unequal-target-scales"] == "warning"
    assert programs.told(found(tmp_path, config(**NUMBERS), all=(x, x[:, :2] * [0.5, 4]))) == []
    assert programs.told(found(tmp_path, config(**SCALED), all=(x, x[:, :2] * [1, 3000]))) == []


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_one_hot_targets_are_classes(tmp_path, task):
    x, y = table()
    first, *_ = found(tmp_path, config(task=task), all=(x, np.eye(3)[y]))
    assert (first.name, first.severity) == ("one-hot-targets", "warning")
    several = np.stack([x[:, 0] > 0, x[:, 1] > 0], axis=1).astype(float)
    assert "one-hot-targets" not in severities(found(tmp_path, config(task=task), all=(x, several)))


def test_binary_units_of_a_pretraining_want_probabilities(tmp_path):
    x, y = table()
    deep = {
        "model": {"kind": "mlp", "hidden": [8], "activation": "sigmoid"},
        "training": {"epochs": 1, "pretraining": {"visible": "binary", "epochs": 1}, "device": "cpu"},
    }
    with pytest.raises(
        DataError, match="wants inputs from 0 to 1"
    ):  # before the rule, which judges records from elsewhere
        found(tmp_path, config("standardize", **deep), all=(x, y))
    assert programs.told(found(tmp_path, config("min-max", **deep), all=(x, y))) == []
