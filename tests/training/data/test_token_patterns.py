"""The copy task and parity, and that no row of theirs stands twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook.training.data import LoadedData
from logbook.training.data.sources.token_patterns import draw_copy, draw_parity
from logbook.training.data.vocabulary import NOT_COUNTED
from logbook_schemas.config.sequences import Copy, Parity
from logbook_schemas.records.measures import DataRecord


def test_the_copy_task_wants_the_symbols_after_the_delay() -> None:
    inputs, targets = draw_copy(Copy(symbols=3, length=2, delay=4), 9, np.random.default_rng(0))
    assert inputs.shape == targets.shape == (9, 8)
    assert inputs[:, 2:].tolist() == [[0, 0, 0, 4, 0, 0]] * 9
    assert (targets[:, :6] == NOT_COUNTED).all()
    assert (targets[:, 6:] == inputs[:, :2]).all()
    assert set(np.unique(inputs[:, :2])) == {1, 2, 3}


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(1, 4), st.floats(0.01, 1))
def test_no_row_stands_twice_even_where_all_are_taken(symbols: int, length: int, share: float) -> None:
    possible = symbols**length
    rows = max(1, int(share * possible))
    inputs, _ = draw_copy(Copy(symbols=symbols, length=length, delay=1), rows, np.random.default_rng(1))
    assert len(np.unique(inputs, axis=0)) == rows


def test_parity_counts_ones() -> None:
    inputs, targets = draw_parity(Parity(bits=4), 16, np.random.default_rng(0))
    assert set(np.unique(inputs)) == {-1.0, 1.0}
    assert targets.tolist() == [row.tolist().count(1.0) % 2 for row in inputs]
    assert targets.sum() == 8


def test_tokens_stay_whole_numbers_and_bits_are_amounts(load: Callable[..., LoadedData]) -> None:
    copy = load({"kind": "synthetic", "pattern": "copy", "rows": 50}, model="transformer")
    assert copy.train.inputs is not None
    assert (copy.train.inputs.dtype.is_floating_point, copy.vocabulary, copy.output_size) == (False, 10, 10)
    parity = load({"kind": "synthetic", "pattern": "parity", "rows": 50}, model="rnn")
    assert parity.train.inputs is not None
    assert (parity.train.inputs.dtype.is_floating_point, parity.vocabulary, parity.output_size) == (True, 0, 1)


@pytest.mark.parametrize("pattern", ["copy", "parity"])
def test_splits_share_no_row(probe: Callable[..., DataRecord], pattern: str) -> None:
    assert probe({"kind": "synthetic", "pattern": pattern, "rows": 900}, model="rnn").shared == ()
