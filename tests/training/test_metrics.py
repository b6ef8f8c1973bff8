"""Metrics against scikit-learn, and what they say of NaN, of thresholds, and of the person's own."""

import math
import sys

import numpy as np
import pytest
import torch
from sklearn import metrics as reference

from logbook.errors import ConfigError, UserCodeError
from logbook.training.metrics import build_metrics, predict_classes, predictions
from logbook_schemas.config.run import RunConfig


def a_config(task, *metrics, **parts):
    data = {"source": {"kind": "npz", "path": "x.npz"}}
    raw = {"name": "a", "task": task, "data": data, "metrics": list(metrics), **parts}
    return RunConfig.model_validate(raw)


def value_of(metric, outputs, targets, *, task, folder=None, unscale=None, **parts):
    (built,) = build_metrics(a_config(task, metric, **parts), folder, unscale=unscale)
    return built(outputs, targets)


@pytest.fixture
def scores():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(300, 4, generator=generator), torch.randint(4, (300,), generator=generator) % 3


def test_accuracies_of_classes_agree_with_scikit_learn(scores):
    outputs, targets = scores
    found = outputs.argmax(1)
    accuracy = value_of("accuracy", outputs, targets, task="classification")
    assert accuracy == pytest.approx(reference.accuracy_score(targets, found))
    balanced = value_of("balanced-accuracy", outputs, targets, task="classification")
    recall = reference.recall_score(targets, found, labels=[0, 1, 2], average="macro")
    assert balanced == pytest.approx(recall)


@pytest.mark.parametrize("metric", ["mae", "rmse", "r2"])
@pytest.mark.parametrize("width", [1, 3])
def test_regression_is_measured_in_original_units_as_scikit_learn_does(metric, width):
    generator = torch.Generator().manual_seed(0)
    targets = torch.randn(200, width, generator=generator)
    outputs = targets + torch.randn(200, width, generator=generator)

    def unscale(values):
        return values * 10 + 3

    mine = value_of(metric, outputs, targets, task="regression", unscale=unscale)
    true, found = unscale(targets).double().numpy(), unscale(outputs).double().numpy()
    expected = {
        "mae": reference.mean_absolute_error(true, found),
        "rmse": math.sqrt(reference.mean_squared_error(true, found)),
        "r2": reference.r2_score(true, found),
    }[metric]
    assert mine == pytest.approx(expected, rel=1e-5)


def test_outputs_without_a_column_axis_are_no_matrix_of_differences():
    targets = torch.tensor([[1.0], [2.0], [4.0]])
    assert value_of("mae", targets.flatten(), targets, task="regression") == 0.0


def test_r2_of_a_constant_target_is_unknown():
    assert math.isnan(value_of("r2", torch.zeros(3, 1), torch.ones(3, 1), task="regression"))


@pytest.mark.parametrize(
    ("loss", "last", "threshold"),
    [
        ("bce-with-logits", "none", 0.0),
        ("bce-with-logits", "sigmoid", 0.5),
        ("bce", "sigmoid", 0.5),
        ("mse", "none", 0.5),
    ],
)
def test_the_threshold_follows_what_the_outputs_mean(loss, last, threshold):
    config = a_config("binary", "accuracy", loss=loss, model={"kind": "mlp", "output_activation": last})
    outputs = torch.tensor([threshold - 0.01, threshold + 0.01])
    assert predict_classes(config, outputs).tolist() == [0, 1]
    assert predict_classes(config, outputs.reshape(2, 1)).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("target", "outputs", "classes"),
    [
        ("own:loss", [0.2, 0.6, 0.9], [0, 1, 1]),
        ("own:loss", [-0.2, 0.2, 0.6], [0, 1, 1]),
        ("own:loss", [0.2, 0.6, 1.1], [1, 1, 1]),
        ("own:loss", [0.2, 0.6, math.nan], [0, 1, -1]),
        ("torch.nn:BCELoss", [0.2, 0.6, 0.9], [0, 1, 1]),
        ("torch.nn:BCEWithLogitsLoss", [0.2, 0.6, 0.9], [1, 1, 1]),
    ],
)
def test_outputs_of_a_persons_own_loss_are_probabilities_where_all_lie_within_0_and_1(target, outputs, classes):
    config = a_config("binary", loss={"kind": "python", "target": target})
    assert predict_classes(config, torch.tensor(outputs)[:, None]).tolist() == classes


def test_a_binary_task_of_two_outputs_takes_the_larger():
    config = a_config("binary", "accuracy", loss="cross-entropy")
    assert predict_classes(config, torch.tensor([[0.1, 0.2], [3.0, 1.0]])).tolist() == [1, 0]


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_binary_targets_may_be_a_row_or_a_column(shape):
    outputs = torch.tensor([[-1.0], [1.0], [2.0], [-3.0]])
    targets = torch.tensor([0.0, 1.0, 0.0, 0.0]).reshape(shape)
    assert value_of("accuracy", outputs, targets, task="binary") == 0.75
    assert value_of("balanced-accuracy", outputs, targets, task="binary") == pytest.approx((2 / 3 + 1) / 2)


def test_multilabel_accuracy_is_the_share_of_right_labels():
    outputs = torch.tensor([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])
    targets = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    assert value_of("accuracy", outputs, targets, task="multilabel") == pytest.approx(4 / 6)
    assert value_of("balanced-accuracy", outputs, targets, task="multilabel") == pytest.approx((1 + 0.5 + 0.5) / 3)


def test_soft_targets_count_as_their_likeliest_class():
    outputs, targets = torch.eye(3), torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2]])
    assert value_of("accuracy", outputs, targets, task="classification") == pytest.approx(2 / 3)


@pytest.mark.parametrize("task", ["classification", "binary"])
def test_a_row_of_nan_predicts_nothing(task):
    outputs = torch.full((5, 3 if task == "classification" else 1), math.nan)
    assert value_of("accuracy", outputs, torch.zeros(5, dtype=torch.int64), task=task) == 0.0


def test_predictions_of_regression_are_in_original_units():
    config = a_config("regression", "mae")
    assert predictions(config, torch.ones(2, 1), unscale=lambda x: x * 5).tolist() == [[5.0], [5.0]]
    assert predictions(a_config("classification"), torch.eye(2)).tolist() == [0, 1]


@pytest.mark.parametrize(("task", "metric"), [("regression", "accuracy"), ("classification", "mae"), ("binary", "r2")])
def test_a_metric_of_another_task_is_refused(task, metric):
    with pytest.raises(ConfigError, match=f"metric '{metric}' is for .* task is '{task}'"):
        build_metrics(a_config(task, metric), None)


def test_an_error_is_better_lower_and_a_share_higher():
    built = build_metrics(a_config("regression", "mae", "rmse", "r2"), None)
    assert [(metric.name, metric.mode) for metric in built] == [("mae", "min"), ("rmse", "min"), ("r2", "max")]


OWN = """
import numpy, torch
def largest(): return lambda outputs, targets: (outputs - targets).abs().max()
def error():
    def measure(outputs, targets): return numpy.float32(2.0)
    measure.mode = "min"
    return measure
def sideways():
    def measure(outputs, targets): return 1
    measure.mode = "sideways"
    return measure
def a_list(): return lambda outputs, targets: [1, 2]
def broken(): return lambda outputs, targets: 1 / 0
def each(): return lambda outputs, targets: torch.zeros(1, 2)
def three(): return 3
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own_measures.py").write_text(OWN)

    def build(name):
        config = a_config("regression", {"kind": "python", "target": f"own_measures:{name}"})
        (metric,) = build_metrics(config, tmp_path, unscale=lambda values: values * 2)
        return metric

    yield build
    sys.modules.pop("own_measures", None)


def test_a_persons_metric_sees_original_units_and_may_be_better_lower(own):
    largest = own("largest")
    assert (largest.name, largest.mode) == ("largest", "max")
    assert largest(torch.tensor([[1.0], [4.0]]), torch.zeros(2, 1)) == 8.0
    error = own("error")
    assert (error.mode, error(torch.zeros(1, 1), torch.zeros(1, 1))) == ("min", 2.0)
    assert not isinstance(error(torch.zeros(1, 1), torch.zeros(1, 1)), np.floating)


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("sideways", ConfigError, "mode 'sideways'"),
        ("three", ConfigError, "object of type int"),
        ("a_list", UserCodeError, r"returned \[1, 2\], but a metric must be one number"),
        ("each", UserCodeError, r"returned a tensor of shape \(1, 2\), but a metric must be one number"),
        ("broken", UserCodeError, "own_measures:broken raised ZeroDivisionError"),
    ],
)
def test_a_persons_metric_that_is_none_is_told_as_theirs(own, name, error, said):
    with pytest.raises(error, match=said):
        own(name)(torch.zeros(1, 1), torch.zeros(1, 1))
