"""Fitted preparation that was written as JSON does the same when it is read again."""

from __future__ import annotations

import json
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from logbook.training.data.preparation import Scaling, fit_scaling
from logbook_schemas.config.preparation import Preparation
from logbook_schemas.reading import canonical_json

STEPS: dict[str, list[dict[str, Any]]] = {
    "standardize": [{}, {"per": "whole"}, {"columns": [0, 2]}],
    "center": [{}, {"per": "whole"}],
    "min-max": [{"low": -1.0, "high": 1.0}],
    "scale-bytes": [{}, {"low": -1}],
    "tanh-squash": [{"c": 3.0}, {"c": 3.0, "columns": [1]}],
    "log": [{}],
    "clip": [{"low": -1.0, "high": None}, {"low": None, "high": 2.0}, {"low": -1.0, "high": 1.0}],
    "clip-quantiles": [{}],
    "quantile": [{}],
    "whiten": [{}, {"method": "zca"}, {"method": "pca", "components": 2}],
    "one-hot": [{"columns": [3]}],
}
ROWS = np.column_stack([np.random.default_rng(0).normal(2, 3, size=(40, 3)), np.arange(40) % 4])
PREPARATION: TypeAdapter[Any] = TypeAdapter(Preparation)


def fitted(*steps: dict[str, Any]) -> Scaling:
    parsed = [PREPARATION.validate_json(json.dumps(step)) for step in steps]
    return fit_scaling(parsed, ROWS, name="inputs")


def through_json(scaling: Scaling) -> Scaling:
    return Scaling.from_statistics(json.loads(canonical_json(scaling.statistics())))


def test_every_kind_is_here() -> None:
    kinds = {model.model_fields["kind"].default for model in get_args(get_args(Preparation)[0])}
    assert kinds == set(STEPS)


@pytest.mark.parametrize(
    "step", [{"kind": kind, **options} for kind, many in STEPS.items() for options in many], ids=json.dumps
)
def test_a_step_read_again_does_the_same(step: dict[str, Any]) -> None:
    before = fitted(step)
    again = through_json(before)
    np.testing.assert_array_equal(again.apply(ROWS), before.apply(ROWS))
    assert again.statistics() == before.statistics()


@settings(max_examples=24, deadline=None)
@given(st.permutations(["log", "standardize", "min-max", "center"]))
def test_steps_keep_their_order_and_are_undone_alike(kinds: list[str]) -> None:
    before = fitted(*({"kind": kind} for kind in kinds))
    again = through_json(before)
    prepared = again.apply(ROWS)
    np.testing.assert_array_equal(prepared, before.apply(ROWS))
    back = again.unscale(torch.from_numpy(prepared))
    torch.testing.assert_close(back, before.unscale(torch.from_numpy(prepared)), rtol=0, atol=0)
    np.testing.assert_allclose(back, ROWS, atol=1e-3)


def test_a_category_that_training_never_saw_is_found_with_its_row() -> None:
    again = through_json(fitted({"kind": "one-hot", "columns": [3]}))
    assert again.first_unknown(ROWS) is None
    strange = ROWS.copy()
    strange[7, 3] = 9
    assert again.first_unknown(strange) == (7, 3, 9.0)
