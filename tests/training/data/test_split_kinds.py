"""Splits by group, by order and in folds: disjoint, whole, and the same on every machine."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook.errors import DataError
from logbook.training.data.splits import split_rows
from logbook_schemas.config.splits import GroupSplit, KFoldSplit, OrderedSplit

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.floats(0.1, 0.45)


def is_partition(parts, count):
    return sorted(np.concatenate(list(parts.values())).tolist()) == list(range(count)) and all(
        (np.diff(rows) > 0).all() for rows in parts.values()
    )


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 30), min_size=3, max_size=25), validation=SHARES, test=SHARES, seed=SEEDS)
def test_no_group_stands_in_two_splits(sizes, validation, test, seed):
    keys = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    parts = split_rows(GroupSplit(validation=validation, test=test, seed=seed), len(keys), keys=keys)
    assert is_partition(parts, len(keys))
    assert set(parts) == {"train", "validation", "test"}
    groups = [set(keys[rows]) for rows in parts.values()]
    assert sum(map(len, groups)) == len(sizes)


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), min_size=40, max_size=60), validation=SHARES, seed=SEEDS)
def test_shares_are_as_near_as_groups_allow(sizes, validation, seed):
    keys = np.repeat(np.arange(len(sizes)), sizes)
    parts = split_rows(GroupSplit(validation=validation, seed=seed), len(keys), keys=keys)
    left = min(sizes[group] for group in set(keys[parts["train"]]))
    assert abs(len(parts["validation"]) - validation * len(keys)) <= left / 2 + 1e-9


def test_groups_may_be_named_and_seeds_differ():
    names = np.array(["ann", "bob", "cyd", "dan", "eve"] * 4)
    drawn = {
        tuple(sorted(set(names[split_rows(GroupSplit(seed=seed), 20, keys=names)["validation"]]))) for seed in range(20)
    }
    assert len(drawn) > 2
    assert all(len(groups) == 1 for groups in drawn)


def test_one_giant_group_still_leaves_a_group_to_each_split():
    keys = np.array([0] * 90 + [1, 2])
    for seed in range(10):
        parts = split_rows(GroupSplit(validation=0.5, test=0.4, seed=seed), 92, keys=keys)
        assert all(len(rows) for rows in parts.values())
        assert len(parts) == 3


@settings(max_examples=40, deadline=None)
@given(
    days=st.lists(st.integers(0, 30), min_size=20, max_size=80).filter(lambda days: len(set(days)) > 10),
    validation=SHARES,
    test=st.one_of(st.just(0.0), SHARES),
)
def test_order_is_kept_and_equal_moments_stay_together(days, validation, test):
    keys = np.array(days, dtype=float)
    parts = split_rows(OrderedSplit(by="day", validation=validation, test=test), len(days), keys=keys)
    assert is_partition(parts, len(days))
    spans = [keys[parts[name]] for name in ("train", "validation", "test") if name in parts]
    assert len(spans) == (3 if test else 2)
    assert all(before.max() < after.min() for before, after in itertools.pairwise(spans))


@settings(max_examples=40, deadline=None)
@given(count=st.integers(10, 200), validation=SHARES, test=SHARES)
def test_without_a_column_rows_stand_in_the_sources_order(count, validation, test):
    parts = split_rows(OrderedSplit(validation=validation, test=test), count)
    order = np.concatenate([parts["train"], parts["validation"], parts["test"]])
    assert order.tolist() == list(range(count))
    assert len(parts["test"]) == int(test * count + 0.5)


def folds_of(count, folds, **rest):
    keys, classes = rest.pop("keys", None), rest.pop("classes", None)
    return [
        split_rows(KFoldSplit(folds=folds, fold=fold, **rest), count, keys=keys, classes=classes)
        for fold in range(1, folds + 1)
    ]


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(30, 200),
    folds=st.integers(2, 7),
    seed=SEEDS,
    test=st.sampled_from([0.0, 0.2]),
    kind=st.sampled_from(["plain", "stratified", "grouped"]),
)
def test_folds_take_turns(count, folds, seed, test, kind):
    rng = np.random.default_rng(seed)
    classes = rng.integers(3, size=count) if kind == "stratified" else None
    keys = rng.permutation(np.arange(count) // 3) if kind == "grouped" else None
    rest = {"by": "g"} if kind == "grouped" else {"stratify": kind == "stratified"}
    parts = folds_of(count, folds, seed=seed, test=test, keys=keys, classes=classes, **rest)
    assert all(is_partition(part, count) for part in parts)
    tested = [part.get("test", np.array([])).tolist() for part in parts]
    assert tested.count(tested[0]) == folds
    validated = np.concatenate([part["validation"] for part in parts])
    assert sorted([*validated.tolist(), *tested[0]]) == list(range(count))
    if keys is not None:
        for part in parts:
            assert not set(keys[part["train"]]) & set(keys[part["validation"]])
    else:
        sizes = [len(part["validation"]) for part in parts]
        assert max(sizes) - min(sizes) <= 1
    if classes is not None:
        table = np.array([np.bincount(classes[part["validation"]], minlength=3) for part in parts])
        assert (np.ptp(table, axis=0) <= 1).all()


def test_large_groups_are_spread_over_the_folds():
    keys = np.repeat(np.arange(12), [50, 50, 50, 50, 1, 2, 3, 4, 5, 6, 7, 8])
    sizes = [len(part["validation"]) for part in folds_of(len(keys), 4, by="g", keys=keys)]
    assert max(sizes) - min(sizes) <= 2


def test_a_seed_gives_these_rows_for_ever():
    keys = np.arange(30) // 3
    grouped = split_rows(GroupSplit(seed=7), 30, keys=keys)["validation"].tolist()
    folded = split_rows(KFoldSplit(seed=7, fold=2), 30)["validation"].tolist()
    assert grouped == [0, 1, 2, 24, 25, 26]
    assert folded == [2, 8, 13, 14, 16, 17]


@pytest.mark.parametrize(
    ("split", "count", "keys", "expected"),
    [
        (GroupSplit(by="who"), 4, [1, 1, 1, 1], "validation and train need a group each, and 'who' has 1 group"),
        (GroupSplit(by="who", test=0.2), 4, [1, 1, 2, 2], "validation and test and train need a group each"),
        (KFoldSplit(folds=5), 3, None, "5 folds of 3 rows leave some without any; take fewer folds"),
        (KFoldSplit(folds=3, by="who"), 4, [1, 1, 2, 2], "3 folds need a group each, and 'who' has 2 groups"),
        (OrderedSplit(by="day"), 9, [1] * 9, "column 'day' has too few different values to cut 9 rows in 2 parts"),
        (OrderedSplit(by="day", test=0.2), 9, [1] * 5 + [2] * 4, "too few different values to cut 9 rows in 3 parts"),
        (OrderedSplit(), 2, None, "validation 0.2 of 2 rows leaves none"),
    ],
)
def test_what_cannot_be_split_so_is_refused(split, count, keys, expected):
    with pytest.raises(DataError) as caught:
        split_rows(split, count, keys=None if keys is None else np.array(keys))
    assert expected in str(caught.value)
