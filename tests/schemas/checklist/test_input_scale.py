"""Whether inputs need scaling, at its thresholds, and on arrays that people have, raw and prepared."""

import numpy as np
import pytest
from sklearn import datasets

from logbook_schemas.checklist.examples import config, data
from logbook_schemas.records.measures import ArrayRecord
from tests.schemas.checklist.judging import judged_data as judged
from tests.schemas.checklist.judging import severity_of_data as severity_of


def inputs(**fields):
    return data(inputs=ArrayRecord(dtype="float32", **{"mean": 4.0, "std": 4.0, "min": 0.0, **fields}))


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"max": 20.0, "quantile_995": 10.0}, None),
        ({"max": 20.1, "quantile_995": 9.0}, "warning"),
        ({"max": 15.0, "quantile_995": 10.1}, "warning"),
        ({"max": 1.0}, None),
        ({"min": -1.0, "max": 1.0, "mean": 0.9, "std": 0.1}, None),
        ({"max": 0.01}, None),
        ({"max": 0.0099}, "warning"),
        ({"max": 0.0}, None),
        ({"mean": 0.0, "std": 1.0, "min": -3.0, "max": 40.0}, None),
        ({"mean": 0.49, "std": 2.9, "min": -30.0, "max": 40.0}, None),
        ({"mean": 0.51, "std": 2.9, "min": -30.0, "max": 40.0}, "warning"),
        ({"mean": 0.0, "std": 3.1, "min": -30.0, "max": 40.0}, "warning"),
        ({"max": None}, None),
    ],
    ids=str,
)
def test_the_range_of_the_inputs_is_judged(fields, severity):
    assert severity_of("unscaled-inputs", inputs(**fields)) == severity


def test_columns_that_are_all_standardised_pass_whatever_the_largest_value():
    scaled = inputs(mean=0.0, std=1.0, min=-2.0, max=38.0, column_means=(0.0,) * 3, column_stds=(1.0, 1.0, 0.0))
    assert severity_of("unscaled-inputs", scaled) is None


@pytest.mark.parametrize(("narrow", "severity"), [(0.0101, None), (0.0099, "warning")])
def test_columns_that_vary_a_hundred_times_as_much_are_named(narrow, severity):
    columns = {"columns": ("wide", "narrow"), "column_means": (0.0, 0.0), "column_stds": (1.0, narrow)}
    record = inputs(mean=0.0, std=0.7, min=-3.0, max=3.0, **columns)
    assert severity_of("unscaled-inputs", record) == severity
    for found in judged("unscaled-inputs", record):
        assert "wide" in found.message
        assert "narrow" in found.message


def test_bytes_are_named_and_scaled_as_bytes():
    [found] = judged(
        "unscaled-inputs", data(input_shape=(1, 28, 28), inputs=ArrayRecord(min=0, max=255, mean=33, std=78))
    )
    assert "bytes" in found.message
    assert found.change == {"data.inputs": [{"kind": "scale-bytes", "low": -1}]}


def test_a_table_up_to_200_is_no_image():
    [found] = judged("unscaled-inputs", data(input_shape=(7,), inputs=ArrayRecord(min=0, max=199, mean=60, std=40)))
    assert found.change == {"data.inputs": [{"kind": "standardize"}]}


def test_whole_numbers_for_a_persons_own_model_may_be_tokens():
    own = config(model={"kind": "python", "target": "net:build"})
    tokens = data(inputs=ArrayRecord(dtype="int64", min=0, max=30_000, mean=900, std=2000))
    assert severity_of("unscaled-inputs", tokens, config=own) is None
    assert severity_of("unscaled-inputs", tokens) == "warning"


def measured(x):
    flat = x.reshape(len(x), -1).astype(float)
    return ArrayRecord(
        dtype=str(x.dtype),
        mean=flat.mean(),
        std=flat.std(),
        min=flat.min(),
        max=flat.max(),
        quantile_995=np.quantile(np.abs(flat), 0.995),
        column_means=tuple(flat.mean(0)[:1000]),
        column_stds=tuple(flat.std(0)[:1000]),
    )


def or_one(scale):
    return np.where(scale == 0, 1, scale)


PREPARATIONS = {
    "standardised": lambda x: (x - x.mean(0)) / or_one(x.std(0)),
    "from 0 to 1": lambda x: (x - x.min(0)) / or_one(np.ptp(x, 0)),
    "from -1 to 1": lambda x: 2 * (x - x.min(0)) / or_one(np.ptp(x, 0)) - 1,
    "centred, unit range": lambda x: (x - x.mean(0)) / or_one(np.ptp(x, 0)),
}
RANDOM = np.random.default_rng(0)
ARRAYS = {
    **{
        name: getattr(datasets, f"load_{name}")().data
        for name in ("digits", "wine", "iris", "breast_cancer", "diabetes")
    },
    "rare ones": (RANDOM.random((5000, 200)) < 0.002).astype(float),
    "heavy tails": RANDOM.standard_t(3, size=(4000, 8)),
    "counts": RANDOM.poisson(200, size=(2000, 6)).astype(float),
}


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("name", ARRAYS)
def test_prepared_arrays_are_silent(name, preparation):
    assert severity_of("unscaled-inputs", data(inputs=measured(PREPARATIONS[preparation](ARRAYS[name])))) is None


def test_pixels_scaled_as_a_whole_are_silent():
    digits = ARRAYS["digits"]
    for scaled in (digits / 16, (digits - digits.mean()) / digits.std(), digits / 8 - 1, 1 - digits / 16):
        assert severity_of("unscaled-inputs", data(inputs=measured(scaled))) is None


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "digits", "counts"])
def test_raw_arrays_fire(name):
    assert severity_of("unscaled-inputs", data(inputs=measured(ARRAYS[name]))) == "warning"


def test_columns_of_different_size_fire_also_when_scaled_as_a_whole():
    wine = ARRAYS["wine"]
    assert severity_of("unscaled-inputs", data(inputs=measured((wine - wine.mean()) / wine.std()))) == "warning"
