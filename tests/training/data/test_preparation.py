"""Preparation: fitted on the training split alone, applied to all, undone for targets."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import TypeAdapter, ValidationError

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


IMAGES = np.random.default_rng(0).normal([[[5.0]], [[-100.0]]], [[[1.0]], [[30.0]]], size=(50, 2, 4, 3))
NAMES = ("a", "b", "c")


def test_channels_have_statistics_of_their_own():
    scaling = fit([{"kind": "standardize", "per": "channel"}], IMAGES)
    prepared = scaling.apply(IMAGES)
    np.testing.assert_allclose(prepared.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(prepared.std((0, 2, 3)), 1, rtol=1e-5)
    naive = (IMAGES[:, 1] - IMAGES[:, 1].mean()) / IMAGES[:, 1].std()
    np.testing.assert_allclose(prepared[:, 1], naive, rtol=1e-4, atol=1e-5)
    assert np.shape(scaling.statistics()[0]["shift"]) == (2, 1, 1)
    low = fit([{"kind": "min-max", "per": "channel"}], IMAGES).apply(IMAGES)
    np.testing.assert_allclose([low.min((0, 2, 3)), low.max((0, 2, 3))], [[0, 0], [1, 1]], atol=1e-6)


@pytest.mark.parametrize("columns", [["a", "c"], [0, 2], ["0:1", 2]])
@pytest.mark.parametrize(
    "kind", ["standardize", {"kind": "min-max", "per": "whole"}, "log", "clip-quantiles", "quantile"]
)
def test_a_step_on_some_columns_leaves_the_others_alone(kind, columns):
    step = {"kind": kind} if isinstance(kind, str) else kind
    prepared = fit([{**step, "columns": columns}], NUMBERS, columns=NAMES).apply(NUMBERS)
    alone = fit([step], NUMBERS[:, [0, 2]]).apply(NUMBERS[:, [0, 2]])
    np.testing.assert_array_equal(prepared[:, [0, 2]], alone)
    np.testing.assert_allclose(prepared[:, 1], NUMBERS[:, 1], rtol=1e-6)


@pytest.mark.parametrize("groups", [[["a", "c"]], [[2, 0]], [["a", "c"], ["b"]]])
@pytest.mark.parametrize("columns", [None, ["a", "b", "c"]])
def test_groups_share_their_statistics(groups, columns):
    step = {"kind": "standardize", "groups": groups, "columns": columns}
    prepared = fit([step], NUMBERS, columns=NAMES).apply(NUMBERS)
    pair = NUMBERS[:, [0, 2]]
    np.testing.assert_allclose(prepared[:, [0, 2]], (pair - pair.mean()) / pair.std(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose([prepared[:, 1].mean(), prepared[:, 1].std()], [0, 1], atol=1e-5)


def test_groups_within_columns_leave_the_rest_alone():
    step = {"kind": "min-max", "columns": [1, 2], "groups": [[1, 2]]}
    prepared = fit([step], NUMBERS).apply(NUMBERS)
    pair = NUMBERS[:, 1:]
    np.testing.assert_allclose(prepared[:, 1:], (pair - pair.min()) / np.ptp(pair), rtol=1e-5)
    np.testing.assert_allclose(prepared[:, 0], NUMBERS[:, 0], rtol=1e-6)


def test_outliers_are_clipped_at_bounds_or_quantiles():
    bounded = fit([{"kind": "clip", "high": 3.05}], NUMBERS).apply(NUMBERS)
    np.testing.assert_allclose(bounded, np.minimum(NUMBERS, 3.05), rtol=1e-6)
    both = fit([{"kind": "clip-quantiles", "low": 0.1, "high": 0.8}], NUMBERS)
    expected = np.clip(NUMBERS, np.quantile(NUMBERS, 0.1, axis=0), np.quantile(NUMBERS, 0.8, axis=0))
    np.testing.assert_allclose(both.apply(NUMBERS), expected, rtol=1e-5)
    far = np.array([[1e9, -1e9, 0.0]])
    assert both.apply(far)[0, 0] == both.apply(NUMBERS)[:, 0].max()
    assert json.loads(json.dumps(fit([{"kind": "clip", "low": 0.0}], NUMBERS).statistics(), allow_nan=False))


def test_quantiles_turn_any_distribution_even():
    skewed = np.exp(np.random.default_rng(0).normal(0, 3, size=(2000, 2)))
    prepared = fit(["quantile"], skewed).apply(skewed)
    for column in prepared.T:
        np.testing.assert_allclose(np.histogram(column, bins=10, range=(0, 1))[0] / 2000, 0.1, atol=0.01)
    ranks = prepared[:, 0].argsort(kind="stable")
    assert (np.diff(skewed[ranks, 0]) >= -1e-6 * skewed[ranks[1:], 0]).all()
    ties = np.array([[0.0]] * 60 + [[1.0]] * 40)
    np.testing.assert_allclose(np.unique(fit(["quantile"], ties).apply(ties)), [0.3, 0.8], atol=0.01)


@pytest.mark.parametrize("shape", [(400, 5), (400, 1, 5, 1)])
@pytest.mark.parametrize("method", ["zca", "pca"])
def test_whitened_features_are_uncorrelated(method, shape):
    rng = np.random.default_rng(0)
    mixed = (rng.normal(size=(400, 5)) @ rng.normal(size=(5, 5)) + 7).reshape(shape)
    prepared = fit([{"kind": "whiten", "method": method}], mixed).apply(mixed)
    np.testing.assert_allclose(np.cov(prepared.reshape(400, -1).T, bias=True), np.eye(5), atol=0.05)
    assert prepared.shape == (shape if method == "zca" else (400, 5))


def test_principal_components_come_widest_first():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(300, 2)) @ np.array([[1.0, 2, 3, 4], [0, 0, 1, 0]])
    scaling = fit([{"kind": "whiten", "method": "pca", "components": 2}], flat)
    assert scaling.apply(flat).shape == (300, 2)
    assert scaling.layout.columns == ("component 1", "component 2")
    first = scaling.statistics()[0]["matrix"]
    np.testing.assert_allclose(
        abs(np.array(first)[:, 0]) / np.linalg.norm(np.array(first)[:, 0]), [0.18, 0.36, 0.55, 0.73], atol=0.05
    )


def test_categories_become_columns_of_their_own(load):
    table = np.array([[5.0, 2, 0.5], [7, 0, 0.5], [5, 1, 0.5], [9, np.nan, 0.5]])
    scaling = fit([{"kind": "one-hot", "columns": ["b", 0]}], table, columns=NAMES)
    assert scaling.layout.columns == ("a=5", "a=7", "a=9", "b=0", "b=1", "b=2", "c")
    assert scaling.apply(table).tolist() == [
        [1, 0, 0, 0, 0, 1, 0.5],
        [0, 1, 0, 1, 0, 0, 0.5],
        [1, 0, 0, 0, 1, 0, 0.5],
        [0, 0, 1, 0, 0, 0, 0.5],
    ]
    unseen = np.array([[6.0, 0, 0.1], [8, 5, 0.1]])
    np.testing.assert_allclose(scaling.apply(unseen), [[0, 0, 0, 1, 0, 0, 0.1], [0, 0, 0, 0, 0, 0, 0.1]], rtol=1e-6)
    assert scaling.unknown_categories(unseen) == {"a": 2, "b": 1}


def test_the_sources_own_categories_are_replaced_by_name():
    codes = np.array([[0.0, 3], [2, 4], [1, 5]])
    known = {"colour": ("red", "green", "blue")}
    scaling = fit(
        ["one-hot", {"kind": "standardize", "columns": ["size"]}], codes, columns=("colour", "size"), categories=known
    )
    assert scaling.layout.columns == ("colour=red", "colour=green", "colour=blue", "size")
    assert scaling.apply(codes)[:, :3].tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    np.testing.assert_allclose(scaling.apply(codes)[:, 3].std(), 1, rtol=1e-5)


def test_a_network_gets_as_many_inputs_as_there_are_columns(load, probe, tmp_path):
    rows = [f"{n % 3},{n},{n % 2}" for n in range(40)]
    (tmp_path / "a.csv").write_text(
        "\n".join(["kind,size,y", *rows[:32], *[row.replace(row[0], "9", 1) for row in rows[32:]]])
    )
    source = {"kind": "csv", "path": "a.csv", "target": "y"}
    options = {"task": "binary", "inputs": [{"kind": "one-hot", "columns": ["kind"]}], "split": {"kind": "ordered"}}
    loaded = load(source, **options)
    assert loaded.input_shape == (4,)
    assert loaded.train.inputs.shape == (32, 4)
    record = probe(source, **options)
    assert record.inputs.columns == ("kind=0", "kind=1", "kind=2", "size")
    assert record.raw_inputs.columns == ("kind", "size")
    assert loaded.notes == (
        "one-hot: 8 rows of the validation split hold a value in column kind that the training split lacks",
    )


@pytest.mark.parametrize(
    "step",
    [
        *("standardize", "center", "min-max", "clip-quantiles", "quantile", "whiten"),
        {"kind": "standardize", "groups": [[0, 1]]},
        {"kind": "whiten", "method": "pca", "components": 1},
        {"kind": "one-hot", "columns": [0]},
        {"kind": "standardize", "columns": [1]},
    ],
    ids=str,
)
def test_no_statistic_looks_beyond_the_training_split(load, person, step):
    code = "def data():\n    x = np.stack([np.arange(20.) % 4, np.arange(20.) ** 2], 1)\n"
    code += "    return {'train': (x[:15], x[:15, 0]), 'validation': (x[15:] * SCALE, x[15:, 0])}\n"
    one, other = (load(person(code.replace("SCALE", s)), task="regression", inputs=[step]) for s in ("1", "-70"))
    assert one.preparation == other.preparation
    assert torch.equal(one.train.inputs, other.train.inputs)
    assert not torch.equal(one.validation.inputs, other.validation.inputs)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e9])
@pytest.mark.parametrize(
    "step", ["quantile", "clip-quantiles", "whiten", {"kind": "whiten", "method": "pca"}, "min-max"]
)
def test_constant_features_stay_finite(step, value):
    constant = np.full((100, 2), value)
    assert np.isfinite(fit([step], constant).apply(constant)).all()


@pytest.mark.parametrize(
    ("step", "shape", "expected"),
    [
        ({"kind": "standardize", "per": "channel"}, (9, 3), "per 'channel' is of images [channels, height, width]"),
        ({"kind": "center", "columns": [3]}, (9, 3), "there is no column 3; the 3 columns are numbered from 0"),
        ({"kind": "log", "columns": ["d"]}, (9, 3), "there is no column 'd'"),
        ({"kind": "log", "columns": ["2:9"]}, (9, 3), "'2:9' is no range of the 3 columns"),
        ({"kind": "log", "columns": ["a", 0]}, (9, 3), "column 'a' stands twice"),
        ({"kind": "log", "columns": []}, (9, 3), "the list of columns is empty"),
        ({"kind": "log", "columns": [0]}, (9, 1, 3, 3), "columns are of rows of features"),
        ({"kind": "center", "groups": [[0, 1], [1]]}, (9, 3), "a column stands in two groups"),
        ({"kind": "center", "columns": [0], "groups": [[1]]}, (9, 3), "column b stands in a group, and not in columns"),
        ({"kind": "whiten", "method": "pca", "components": 4}, (9, 3), "components is 4, but there are 3 features"),
        ({"kind": "one-hot"}, (9, 3), "the source knows no column of categories"),
        ({"kind": "one-hot", "columns": ["a"]}, (9, 3), "column a holds 0.5; one-hot replaces whole numbers"),
        ({"kind": "whiten"}, (2, 5000), "at most 4096 can be whitened"),
    ],
)
def test_steps_that_do_not_fit_the_examples_are_refused(step, shape, expected):
    with pytest.raises(DataError) as caught:
        fit([step], np.full(shape, 0.5), columns=NAMES if len(shape) == 2 and shape[1] == 3 else ())
    assert str(caught.value).startswith(f"data.inputs: {step['kind']}")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"kind": "clip"}, "clips nothing"),
        ({"kind": "clip", "low": 2.0, "high": 1.0}, "must be above low"),
        ({"kind": "standardize", "per": "whole", "groups": [["a"]]}, "leaves no features to group"),
        ({"kind": "whiten", "components": 2}, "under method 'pca' alone"),
        ({"kind": "whiten", "method": "pca", "components": 2, "columns": [1]}, "set one of them"),
    ],
)
def test_steps_that_contradict_themselves_are_refused_by_the_config(step, expected):
    with pytest.raises(ValidationError, match=expected):
        TypeAdapter(Preparation).validate_python(step)


@given(arrays.arrays(np.float64, (12, 3), elements=st.floats(-1e3, 1e3, width=32)))
def test_targets_scaled_on_some_columns_come_back(targets):
    scaling = fit(
        [{"kind": "standardize", "columns": [0, 2]}, {"kind": "min-max", "columns": [1]}], targets, TargetPreparation
    )
    back = scaling.unscale(torch.from_numpy(scaling.apply(targets)).double())
    np.testing.assert_allclose(back.numpy(), targets, rtol=1e-4, atol=1e-3)
