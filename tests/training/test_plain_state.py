"""States to and from the plain form that `torch.load(weights_only=True)` reads."""

from __future__ import annotations

import io
from collections import Counter, OrderedDict, deque
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from logbook.training.plain_state import UnkeepableError, from_plain, to_plain

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.floats(width=32, allow_nan=False).map(np.float32)
    | st.integers(-(2**63), 2**63 - 1).map(np.int64)
)
states = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3).map(lambda items: deque(items, maxlen=4))
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(OrderedDict)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=10,
)


def through_a_file(value: Any) -> Any:
    file = io.BytesIO()
    torch.save(to_plain(value, "it"), file)
    file.seek(0)
    return from_plain(torch.load(file, weights_only=True))


def kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return type(value), [(key, kinds(one)) for key, one in value.items()]
    if isinstance(value, list | tuple | deque):
        return type(value), [kinds(one) for one in value]
    return type(value)


@settings(max_examples=60, deadline=None)
@given(states)
def test_what_is_kept_comes_back_as_it_was(value: Any) -> None:
    back = through_a_file(value)
    assert back == value
    assert kinds(back) == kinds(value)


def test_arrays_and_the_length_of_a_deque_come_back() -> None:
    array = np.arange(6, dtype=np.float16).reshape(2, 3)[:, ::2]
    back = through_a_file({"a": array, "b": deque([1, 2], maxlen=2), "c": Counter("aab"), "d": torch.bfloat16})
    assert back["a"].dtype == array.dtype
    assert (back["a"] == array).all()
    assert (back["b"].maxlen, back["c"], back["d"]) == (2, Counter("aab"), torch.bfloat16)


def test_a_plain_state_is_not_copied_and_keeps_the_versions_of_its_modules() -> None:
    state = torch.nn.BatchNorm1d(3).state_dict()
    assert to_plain(state, "it") is state
    assert through_a_file(state)._metadata == state._metadata  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "name"),
    [(lambda: 0, "function"), (object(), "object"), (np.array([object()]), "numpy.ndarray"), (slice(1), "slice")],
)
def test_what_cannot_be_kept_is_named(value: object, name: str) -> None:
    with pytest.raises(UnkeepableError, match=rf"the optimizer's state holds a {name}, which a checkpoint can't keep"):
        to_plain({"param_groups": [{"x": value}]}, "the optimizer's state")


@pytest.mark.parametrize("value", [b"", np.zeros((0, 3)), [b"", b"x"]], ids=["bytes", "array", "in a list"])
def test_what_is_empty_comes_back_empty(value: Any) -> None:
    back = through_a_file(value)
    assert kinds(back) == kinds(value)
    assert np.shape(back) == np.shape(value)
