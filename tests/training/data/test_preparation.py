"""Preparation: fitted on the training split alone, applied to all, undone for targets."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import TypeAdapter

from logbook.errors import DataError
from logbook.training.data.preparation import fit_scaling
from logbook_schemas.config.preparation import Preparation, TargetPreparation


def fit(steps, train, kind=Preparation, **rest):
    adapter = TypeAdapter(kind)
    return fit_scaling([adapter.validate_python(step) for step in steps], train, name="inputs", **rest)


NUMBERS = np.random.default_rng(0).normal([3, -40, 1000], [0.1, 5, 300], size=(500, 3))


@pytest.mark.parametrize(
    ("step", "naive"),
    [
        ("standardize", lambda x: (x - x.mean(0)) / x.std(0)),
        ({"kind": "standardize", "per": "whole"}, lambda x: (x - x.mean()) / x.std()),
        ("center", lambda x: x - x.mean(0)),
        ({"kind": "min-max", "low": -1.0, "high": 3.0}, lambda x: -1 + 4 * (x - x.min(0)) / np.ptp(x, axis=0)),
        ("scale-bytes", lambda x: x / 255),
        ({"kind": "scale-bytes", "low": -1}, lambda x: x / 127.5 - 1),
        ({"kind": "tanh-squash", "c": 50.0}, lambda x: np.tanh(x / 50)),
        ("log", lambda x: np.sign(x) * np.log(1 + np.abs(x))),
    ],
)
def test_each_step_is_what_its_formula_says(step, naive):
    prepared = fit([step], NUMBERS).apply(NUMBERS)
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared, naive(NUMBERS), rtol=1e-5, atol=1e-6)


def test_a_step_is_fitted_on_what_the_one_before_it_leaves():
    prepared = fit(["log", {"kind": "min-max"}, "standardize"], NUMBERS).apply(NUMBERS)
    np.testing.assert_allclose(prepared.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(prepared.std(0), 1, rtol=1e-5)


def test_images_are_scaled_by_pixel_or_whole():
    images = np.random.default_rng(0).integers(0, 256, size=(40, 3, 5, 5), dtype=np.uint8)
    np.testing.assert_allclose(fit(["standardize"], images).apply(images).mean(0), 0, atol=1e-5)
    whole = fit([{"kind": "standardize", "per": "whole"}], images).apply(images)
    np.testing.assert_allclose([whole.mean(), whole.std()], [0, 1], atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e9])
@pytest.mark.parametrize("step", ["standardize", "min-max", {"kind": "standardize", "per": "whole"}])
def test_a_constant_feature_is_divided_by_one(step, value):
    constant = np.full((100, 1), value)
    assert np.unique(fit([step], constant).apply(constant)).tolist() == [0]


def test_statistics_come_from_the_training_split_alone(load, person):
    code = "def data():\n    x = np.arange(20.)[:, None]\n"
    code += "    return {'train': (x[:15], x[:15]), 'validation': (x[15:] * SCALE, x[15:] * SCALE)}\n"
    options = {"task": "regression", "inputs": ["standardize"], "targets": ["min-max"]}
    one, other = (load(person(code.replace("SCALE", scale)), **options) for scale in ("1", "1000"))
    assert one.preparation == other.preparation
    np.testing.assert_allclose(float(one.train.inputs.mean()), 0, atol=1e-6)
    expected = (15000 - np.arange(15.0).mean()) / np.arange(15.0).std()
    np.testing.assert_allclose(float(other.validation.inputs[0, 0]), expected, rtol=1e-6)


def test_missing_values_play_no_part_in_statistics_and_stay_in_the_data():
    holes = NUMBERS.copy()
    holes[3, 0], holes[4, 1], holes[5, 2] = np.nan, np.inf, -np.inf
    scaling = fit(["standardize"], holes)
    shift = scaling.statistics()[0]["shift"]
    expected = [np.mean(column[np.isfinite(column)]) for column in holes.T]
    np.testing.assert_allclose(shift, expected)
    assert (~np.isfinite(scaling.apply(holes))).sum() == 3
    assert fit(["standardize"], np.full((5, 1), np.nan)).statistics()[0]["scale"] == [1.0]


def test_statistics_are_json(load):
    loaded = load({"kind": "sklearn", "dataset": "diabetes"})
    assert json.loads(json.dumps(loaded.preparation, allow_nan=False)) == loaded.preparation
    assert loaded.preparation["targets"][0]["kind"] == "standardize"


def test_numbers_beyond_a_deviation_are_refused_with_their_column():
    large = np.array([[1.0, 1e300], [2.0, -1e300]])
    with pytest.raises(DataError, match=r"data\.inputs: standardize: the numbers of feature b are too large"):
        fit(["standardize"], large, columns=("a", "b"))


@given(
    targets=arrays.arrays(np.float64, (12, 2), elements=st.floats(-1e6, 1e6, width=32)),
    steps=st.lists(
        st.sampled_from(["standardize", "center", "min-max", "log", {"kind": "standardize", "per": "whole"}]),
        max_size=3,
    ),
)
def test_unscaling_prepared_targets_gives_the_targets_back(targets, steps):
    scaling = fit(steps, targets, TargetPreparation)
    prepared = torch.from_numpy(scaling.apply(targets))
    back = scaling.unscale(prepared.double())
    assert back.dtype == torch.float64
    # float32 keeps 24 bits of a prepared value; the logarithm's inverse blows that up by the value itself.
    tolerance = 2e-6 * max(1.0, float(np.abs(targets).max())) * (20 if "log" in steps else 1)
    np.testing.assert_allclose(back.numpy(), targets, rtol=2e-4, atol=tolerance)


def test_unscaling_keeps_the_tensors_type_and_a_large_offset():
    years = np.linspace(1999.0, 2001.0, 50)[:, None]
    scaling = fit(["standardize"], years, TargetPreparation)
    back = scaling.unscale(torch.from_numpy(scaling.apply(years)))
    assert back.dtype == torch.float32
    np.testing.assert_allclose(back.numpy(), years, atol=2e-4)
