"""The best constant prediction, against torch's own losses and a search over constants."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from logbook.training.data import load_data
from logbook.training.data.baseline import measure_baseline, metric_modes


@pytest.fixture
def baseline(config, person, tmp_path):
    def measure(train, validation, task, **rest):
        code = f"def data():\n    x = lambda y: (np.arange(float(len(y))), y)\n    t, v = {train}, {validation}\n"
        settings = config(person(code + "    return {'train': x(t), 'validation': x(v)}\n"), task=task, **rest)
        return measure_baseline(load_data(settings, tmp_path), settings)

    return measure


CLASSES = ("[0] * 6 + [1] * 3 + [2]", "[0, 0, 1, 2, 2]")
SHARES = torch.tensor([0.6, 0.3, 0.1])
ACTUAL = torch.tensor([0, 0, 1, 2, 2])


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("cross-entropy", functional.cross_entropy(SHARES.log().expand(5, 3), ACTUAL)),
        ("nll", functional.nll_loss(SHARES.log().expand(5, 3), ACTUAL)),
        (
            {"kind": "cross-entropy", "label_smoothing": 0.3},
            functional.cross_entropy((0.7 * SHARES + 0.1).log().expand(5, 3), ACTUAL, label_smoothing=0.3),
        ),
        (
            "bce-with-logits",
            functional.binary_cross_entropy(SHARES.clamp(1 / 12).expand(5, 3), functional.one_hot(ACTUAL).float()),
        ),
        ("mse", functional.mse_loss(SHARES.expand(5, 3), functional.one_hot(ACTUAL).float())),
        ("l1", functional.l1_loss(torch.tensor([1.0, 0, 0]).expand(5, 3), functional.one_hot(ACTUAL).float())),
    ],
    ids=str,
)
def test_class_shares_are_judged_by_the_configs_loss(baseline, loss, expected):
    reached, name = baseline(*CLASSES, "classification", loss=loss, metrics=["accuracy", "balanced-accuracy"])
    assert reached["val_loss"] == pytest.approx(float(expected), rel=1e-6)
    assert reached["accuracy"] == pytest.approx(0.4)
    assert reached["balanced-accuracy"] == pytest.approx(1 / 3)
    assert name == "class shares"


@pytest.mark.parametrize("loss", ["mse", "l1", "huber", {"kind": "huber", "delta": 0.2}], ids=str)
def test_no_other_constant_does_better_on_the_training_split(baseline, loss):
    values = np.random.default_rng(0).gamma(1.0, 3.0, size=41).round(3).tolist()
    targets = torch.tensor(values, dtype=torch.float64)
    delta = loss.get("delta", 1.0) if isinstance(loss, dict) else 1.0
    judge = {
        "mse": functional.mse_loss,
        "l1": functional.l1_loss,
        "huber": lambda a, b: functional.huber_loss(a, b, delta=delta),
    }[loss if isinstance(loss, str) else loss["kind"]]
    best = min(float(judge(torch.full_like(targets, c), targets)) for c in np.linspace(0, 12, 4001))
    reached, name = baseline(str(values), str(values), "regression", loss=loss)
    assert reached["val_loss"] == pytest.approx(best, rel=1e-4)
    assert name == "mean of the targets"


def test_the_loss_is_in_prepared_units_and_metrics_are_in_original_ones(baseline):
    train, validation = np.array([10.0, 20, 30, 60]), np.array([10.0, 50])
    reached, _ = baseline(
        "[10., 20, 30, 60]", "[10., 50]", "regression", targets=["standardize"], metrics=["mae", "rmse", "r2"]
    )
    gaps = validation - train.mean()
    assert reached["val_loss"] == pytest.approx(((gaps / train.std()) ** 2).mean(), rel=1e-6)
    assert reached["mae"] == pytest.approx(np.abs(gaps).mean())
    assert reached["rmse"] == pytest.approx(np.sqrt((gaps**2).mean()))
    assert reached["r2"] == pytest.approx(0.0)


def test_missing_targets_are_left_out(baseline):
    reached, _ = baseline("[1.0, np.nan, 3.0]", "[2.0, np.nan]", "regression")
    assert reached == {"val_loss": 0.0, "mae": 0.0}


def test_binary_and_multilabel_losses_are_judged_by_share(baseline):
    reached, _ = baseline("[0, 1, 1, 1]", "[1, 0]", "binary")
    expected = functional.binary_cross_entropy(torch.tensor([0.75, 0.75]), torch.tensor([1.0, 0.0]))
    assert reached == pytest.approx({"val_loss": float(expected), "accuracy": 0.5})
    reached, _ = baseline("[[0, 1], [0, 1], [1, 1]]", "[[1, 1]]", "multilabel", metrics=["accuracy"])
    edge = 1 / 5
    assert reached["val_loss"] == pytest.approx(-(np.log(1 / 3) + np.log(1 - edge)) / 2)
    assert reached["accuracy"] == 0.5


def test_a_class_that_training_lacks_costs_much_and_not_infinitely(baseline):
    reached, _ = baseline("[0, 1, 0, 1]", "[0, 2]", "classification")
    assert 1.0 < reached["val_loss"] < 5.0


def test_what_can_not_be_known_is_left_out(baseline, config, tmp_path):
    reached, _ = baseline("[0, 1]", "[1, 0]", "binary", loss={"kind": "python", "target": "mine:loss"})
    assert reached == {"accuracy": 0.5}
    settings = config({"kind": "synthetic", "pattern": "xor"}, split={"validation": 0.0})
    assert measure_baseline(load_data(settings, tmp_path), settings) == ({}, "")


def test_modes_follow_the_metric_and_the_monitor(config):
    own = {"kind": "python", "target": "mine:distance"}
    settings = config(
        {"kind": "synthetic", "pattern": "sine"},
        metrics=["mae", "rmse", "r2", own],
        monitor={"metric": "distance", "mode": "min"},
    )
    assert metric_modes(settings) == {"mae": "min", "rmse": "min", "r2": "max", "distance": "min"}
