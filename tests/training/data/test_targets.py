"""Targets as the loss of a task wants them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from logbook.errors import DataError


@pytest.fixture
def load_targets(load, person):
    def read(expression, task, **rest):
        code = f"def data():\n    y = {expression}\n    return np.arange(float(len(y))), y\n"
        return load(person(code), task=task, split={"validation": 0.0}, monitor={"metric": "train_loss"}, **rest)

    return read


@pytest.mark.parametrize(
    ("task", "loss", "expression", "dtype", "shape", "outputs"),
    [
        ("classification", "cross-entropy", "[3, 1, 7] * 2", torch.int64, (6,), 3),
        ("classification", "mse", "[3, 1, 7] * 2", torch.int64, (6,), 3),
        ("classification", "cross-entropy", "np.array([[3.0], [1.0], [7.0]])", torch.int64, (3,), 3),
        ("binary", "bce-with-logits", "[-1, 1, 1]", torch.float32, (3, 1), 1),
        ("binary", "mse", "np.array([True, False])", torch.float32, (2, 1), 1),
        ("binary", "cross-entropy", "['no', 'yes', 'yes']", torch.int64, (3,), 2),
        ("binary", "nll", "[0.0, 1.0]", torch.int64, (2,), 2),
        ("multilabel", "bce-with-logits", "[[0, 1, 1], [1, 0, 0]]", torch.float32, (2, 3), 3),
        ("regression", "mse", "[1, 2, 3]", torch.float32, (3, 1), 1),
        ("regression", "l1", "np.ones((4, 2))", torch.float32, (4, 2), 2),
    ],
)
def test_task_and_loss_decide_type_shape_and_outputs(load_targets, task, loss, expression, dtype, shape, outputs):
    loaded = load_targets(expression, task, loss=loss)
    assert (loaded.train.targets.dtype, tuple(loaded.train.targets.shape)) == (dtype, shape)
    assert loaded.output_size == outputs


def test_indices_follow_the_sorted_classes(load_targets):
    loaded = load_targets("[3, 1, 7, 1]", "classification")
    assert loaded.classes == ("1", "3", "7")
    assert loaded.train.targets.tolist() == [1, 0, 2, 0]
    assert load_targets("np.array(['b', 'a'], dtype=object)", "binary").train.targets.tolist() == [[1], [0]]


@pytest.mark.parametrize(
    ("task", "expression", "expected"),
    [
        ("classification", "[0.5, 1.0]", "row 0: the target is 0.5, expected a class (task classification)"),
        ("classification", "[0.0, np.inf]", "row 1: the target is inf, expected a class"),
        ("classification", "[0.0, np.nan]", "row 1: the target is missing, expected a class"),
        ("classification", "[[0, 1], [1, 0]]", "of one-hot targets, take argmax"),
        ("classification", "np.array(['2020'], dtype='M8')", "expected classes: whole numbers or text"),
        ("binary", "[0, 1, 2]", "task binary wants exactly 2 classes, found 3 (0, 1, 2)"),
        ("binary", "[1, 1]", "found 1 (1)"),
        ("multilabel", "[[0, 1], [0, 2]]", "row 1: a label is 2, expected 0 or 1"),
        ("regression", "['1', 'two']", "row 1: the target is 'two', expected a number"),
        ("regression", "np.ones((2, 2, 2))", "expected (rows,) or (rows, outputs)"),
    ],
)
def test_targets_that_a_task_can_not_have_are_refused(load_targets, task, expression, expected):
    with pytest.raises(DataError) as caught:
        load_targets(expression, task)
    assert expected in str(caught.value)


def test_float_classes_suggest_regression(load_targets):
    with pytest.raises(DataError, match='"task": "regression"'):
        load_targets("np.linspace(0, 1, 5)", "classification")


def test_scaling_of_classes_is_refused_instead_of_ignored(load_targets):
    with pytest.raises(DataError, match=r"data\.targets is standardize, but targets of task binary are classes"):
        load_targets("[0, 1]", "binary", targets=["standardize"])


def test_missing_targets_of_a_regression_stay_missing(load_targets):
    loaded = load_targets("[1.0, np.nan, 3.0]", "regression", targets=["standardize"])
    assert np.isnan(loaded.train.targets.numpy()).tolist() == [[False], [True], [False]]
    assert loaded.targets.unscale(loaded.train.targets)[[0, 2], 0].tolist() == [1.0, 3.0]
