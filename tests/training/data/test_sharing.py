"""Rows that stand in two splits, against a naive search."""

from __future__ import annotations

import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logbook.training.data.loaded import RawRows
from logbook.training.data.sharing import find_shared_rows


def rows_of(inputs, first=0):
    inputs = np.asarray(inputs)
    return RawRows(inputs, np.zeros(len(inputs)), np.arange(first, first + len(inputs)))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30), st.integers(1, 29))
def test_shared_rows_are_those_that_a_naive_search_finds(rows, cut):
    cut = min(cut, len(rows) - 1)
    train, validation = rows[:cut], rows[cut:]
    found = find_shared_rows({"train": rows_of(train), "validation": rows_of(validation, first=100)})
    naive = [100 + place for place, row in enumerate(validation) if row in train]
    if not naive:
        assert found == ()
        return
    assert (found[0].rows, found[0].distinct_rows) == (len(naive), len(set(rows)))
    assert found[0].examples == tuple(naive[:5])
    assert found[0].share == len(naive) / len(validation)


def test_values_count_and_not_their_bytes():
    train = np.array([[0.0, np.nan], [1.0, 2.0]])
    validation = np.array([[-0.0, -np.nan], [1.0, 3.0]])
    (found,) = find_shared_rows({"train": rows_of(train), "validation": rows_of(validation)})
    assert (found.rows, found.examples) == (1, (0,))


def test_splits_of_different_types_are_compared_by_value():
    train, test = rows_of(np.array([[1, 2], [3, 4]], dtype=np.uint8)), rows_of(np.array([[3.0, 4.0]], dtype="f4"))
    (found,) = find_shared_rows({"train": train, "test": test})
    assert (found.split, found.other, found.rows, found.share) == ("test", "train", 1, 1.0)


def test_each_pair_of_splits_is_looked_at():
    same = rows_of([[1.0], [2.0]])
    found = find_shared_rows({"train": same, "validation": same, "test": same})
    pairs = {(shared.split, shared.other) for shared in found}
    assert pairs == {("validation", "train"), ("test", "train"), ("test", "validation")}
    assert find_shared_rows({"train": same}) == ()


def test_a_million_rows_take_seconds():
    inputs = np.random.default_rng(0).normal(size=(1_000_000, 10))
    inputs[-7] = inputs[5]
    start = time.perf_counter()
    (found,) = find_shared_rows({"train": rows_of(inputs[:800_000]), "validation": rows_of(inputs[800_000:], 800_000)})
    assert found.examples == (999_993,)
    assert time.perf_counter() - start < 10
