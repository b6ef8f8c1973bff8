"""Which rows train, validate and test."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbook.errors import DataError
from logbook.training.data.splits import split_rows
from logbook_schemas.config.splits import RandomSplit


def split(count, *, validation=0.2, test=0.0, seed=0, classes=None):
    return split_rows(RandomSplit(validation=validation, test=test, seed=seed), count, classes=classes)


@given(
    count=st.integers(20, 300),
    validation=st.floats(0.1, 0.45),
    test=st.floats(0.1, 0.45),
    seed=st.integers(0, 2**32 - 1),
    classes=st.one_of(st.none(), st.integers(1, 5)),
)
def test_every_row_stands_in_exactly_one_split(count, validation, test, seed, classes):
    labels = None if classes is None else np.random.default_rng(seed).integers(classes, size=count)
    parts = split(count, validation=validation, test=test, seed=seed, classes=labels)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(count))
    assert all((np.diff(rows) > 0).all() for rows in parts.values())
    assert abs(len(parts["validation"]) - validation * count) <= (0.5 if classes is None else 5)


def test_a_seed_gives_the_same_split_in_another_process():
    code = (
        "from logbook.training.data.splits import split_rows; from logbook_schemas.config.splits import RandomSplit;"
        "print(split_rows(RandomSplit(seed=7), 30)['validation'].tolist())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert told == str(split(30, seed=7)["validation"].tolist()) == "[4, 12, 14, 22, 24, 28]"
    assert told != str(split(30, seed=8)["validation"].tolist())


def test_stratified_splits_keep_the_share_of_each_class():
    classes = np.array([0] * 800 + [1] * 150 + [2] * 50)
    parts = split(1000, validation=0.2, test=0.1, classes=classes)
    counts = {name: np.bincount(classes[rows]).tolist() for name, rows in parts.items()}
    assert counts == {"train": [560, 105, 35], "validation": [160, 30, 10], "test": [80, 15, 5]}


def test_odd_classes_are_rounded_so_that_the_whole_fits():
    classes = np.repeat(np.arange(10), 7)
    parts = split(70, validation=0.3, classes=classes)
    assert len(parts["validation"]) == 21
    assert set(np.bincount(classes[parts["validation"]])) == {2, 3}


def test_the_last_row_of_a_class_stays_in_train():
    classes = np.array([0] * 10 + [1, 2])
    for seed in range(20):
        parts = split(12, validation=0.3, test=0.3, seed=seed, classes=classes)
        assert set(classes[parts["train"]]) == {0, 1, 2}


def test_a_split_that_is_given_is_not_drawn():
    parts = split_rows(RandomSplit(validation=0.2, test=0.2), 10, validation=False)
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 8, "test": 2}


@pytest.mark.parametrize(
    ("count", "shares", "classes", "expected"),
    [
        (2, {"validation": 0.2}, None, "validation 0.2 of 2 rows leaves none; take a larger share"),
        (3, {"test": 0.1}, None, "test 0.1 of 3 rows leaves none"),
        (1, {"validation": 0.6}, None, "validation 0.6 of 1 row leaves none to train on"),
        (2, {"validation": 0.4, "test": 0.5}, None, "validation 0.4 and test 0.5 of 2 rows leaves none to train on"),
        (4, {"validation": 0.5}, [0, 1, 2, 3], "set data.split.stratify to false"),
    ],
)
def test_a_split_without_rows_is_refused_with_its_counts(count, shares, classes, expected):
    with pytest.raises(DataError) as caught:
        split(count, **shares, classes=None if classes is None else np.array(classes))
    assert expected in str(caught.value)


def test_stratifying_without_classes_is_refused(load):
    with pytest.raises(DataError, match="task regression has none"):
        load({"kind": "synthetic", "pattern": "sine"}, split={"stratify": True})
