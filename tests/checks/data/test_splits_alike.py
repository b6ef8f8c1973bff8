"""Splits of one kind of data, and of two; scaled together, and apart."""

import numpy as np
import pytest
from sklearn import datasets

from logbook.training.data.drift import describe_shift
from tests.checks import programs
from tests.checks.data.columns import config, found, severities, table

SEEDS = range(3)


def given(x, y, change=lambda x: x, *, train=lambda x: x):
    cut = 3 * len(x) // 4
    return {"train": (train(x[:cut]), y[:cut]), "validation": (change(x[cut:]), y[cut:])}


def standardised(x):
    return (x - x.mean(0)) / x.std(0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "change", [lambda x: 9 * x + 40, lambda x: 255 * (x + 4) / 8, lambda x: x / 200], ids=["units", "bytes", "tiny"]
)
def test_a_validation_split_in_other_units_is_an_error(tmp_path, change, seed):
    x, y = table(seed)
    first, *_ = found(tmp_path, config(), **given(x, y, change))
    assert (first.name, first.severity) == ("validation-scaled-apart", "error"), first.message


def test_a_validation_split_of_another_scale_is_a_warning(tmp_path):
    x, y = table()
    first, *_ = found(tmp_path, config(), **given(x, y, lambda x: x / 4))
    assert (first.name, first.severity) == ("validation-scaled-apart", "warning")


def test_splits_that_were_scaled_each_by_itself_are_told(tmp_path):
    x, y = table()
    said = severities(found(tmp_path, config(), **given(3 * x + 1, y, standardised, train=standardised)))
    assert said["validation-scaled-apart"] == "warning"
    mean, std = (3 * x + 1)[:300].mean(0), (3 * x + 1)[:300].std(0)
    together = given((3 * x + 1 - mean) / std, y)
    assert "validation-scaled-apart" not in severities(found(tmp_path, config(), **together))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_feature_of_other_values_is_told(tmp_path, seed):
    x, y = table(seed)
    shifted = given(x, y, lambda x: x + np.array([0, 2, 0, 0, 0]))
    said = next(one for one in found(tmp_path, config(), **shifted) if one.name == "drifting-inputs")
    assert said.severity == "warning"
    assert "1 feature of 5" in said.message


def test_row_numbers_differ_by_themselves(tmp_path):
    x, y = table()
    numbered = np.hstack([x, np.arange(len(x))[:, None]])
    assert "drifting-inputs" not in severities(found(tmp_path, config("standardize"), **given(numbered, y)))


@pytest.mark.parametrize("split", [{"kind": "ordered"}, {"kind": "random"}], ids=lambda split: split["kind"])
def test_splits_of_our_own_get_a_note_at_most(tmp_path, split):
    x, y = table()
    trend = x + np.arange(len(x))[:, None] / 50
    findings = found(tmp_path, config("standardize", data={"split": {"validation": 0.2, **split}}), all=(trend, y))
    assert programs.told(one for one in findings if one.name in ("drifting-inputs", "validation-scaled-apart")) == []
    assert ("drifting-inputs" in severities(findings)) == (split["kind"] == "ordered")


@pytest.mark.parametrize("load", [datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_splits_handed_over_are_alike(tmp_path, load, seed):
    x, y = load(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    findings = found(tmp_path, config("standardize"), **given(x[order], y[order]))
    assert "drifting-inputs" not in severities(findings)
    assert "validation-scaled-apart" not in severities(findings)


def test_one_row_of_validation_says_nothing(tmp_path):
    x, y = table()
    splits = {"train": (x, y), "validation": (x[:1] + 5, y[:1])}
    assert programs.told(one for one in found(tmp_path, config(), **splits) if one.code > "D117") == []


@pytest.mark.parametrize("columns", [1, 30])
def test_chance_exceeds_its_bound_hardly_ever(columns):
    rng = np.random.default_rng(0)
    for _ in range(60):
        train, other = rng.normal(size=(200, columns)), rng.normal(size=(60, columns))
        record = describe_shift(train, other, other, split="validation", given=True, names=())
        assert max(record.distances) < record.chance


def test_the_distance_is_that_of_scipy():
    from scipy.stats import ks_2samp

    rng = np.random.default_rng(1)
    train, other = rng.integers(0, 9, (150, 4)), rng.integers(2, 12, (70, 4))
    record = describe_shift(train, other, other, split="validation", given=True, names=tuple("abcd"))
    expected = [ks_2samp(train[:, place], other[:, place]).statistic for place in range(4)]
    np.testing.assert_allclose(record.distances, expected, rtol=1e-5)
    np.testing.assert_allclose(record.ratios, other.std(0) / train.std(0), rtol=1e-5)
