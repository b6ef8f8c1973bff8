"""Columns that are as they should be, and columns that aren't: judged on real tables, each fault on several seeds."""

import numpy as np
import pytest

from tests.checks import programs
from tests.checks.data.columns import MODULE, config, found, save, severities, table

SEEDS = range(3)


def with_column(x, column):
    return np.hstack([x, np.reshape(column, (len(x), 1))])


def one_typing_error(x, rng):
    x = x.copy()
    x[17, 2] = 1e6
    return x


def one_percent_times_a_thousand(x, rng):
    x = x.copy()
    x[rng.choice(len(x), 8, replace=False), 1] *= 1000
    return x


def missing_as_a_number(x, rng):
    return np.where(rng.random(x.shape) < 0.03, -999, x)


def rounding_noise(x, rng):
    return with_column(x, 0.1 + rng.normal(0, 1e-12, len(x)))


INPUT_FAULTS = {
    "outliers": (one_typing_error, one_percent_times_a_thousand, missing_as_a_number),
    "constant-feature": (rounding_noise,),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "break_it"), [(name, fault) for name, faults in INPUT_FAULTS.items() for fault in faults]
)
def test_a_broken_column_is_the_first_finding(tmp_path, name, break_it, seed):
    x, y = table(seed)
    rng = np.random.default_rng(seed + 100)
    first, *_ = found(tmp_path, config("standardize"), all=(break_it(x, rng), y))
    assert (first.name, first.severity) == (name, "warning"), first.message


HEALTHY = {
    "normal": lambda x, rng: x,
    "exponential": lambda x, rng: np.exp(x),
    "student": lambda x, rng: rng.standard_t(3, x.shape),
    "counts": lambda x, rng: rng.poisson(3, x.shape),
    "rare counts": lambda x, rng: rng.poisson(0.1, x.shape),
    "sparse": lambda x, rng: x * (rng.random(x.shape) < 0.05),
    "rare yes": lambda x, rng: with_column(x, rng.random(len(x)) < 0.01),
    "one-hot": lambda x, rng: np.hstack([x, np.eye(40)[rng.integers(0, 40, len(x))]]),
    "codes": lambda x, rng: with_column(x, rng.integers(0, 7, len(x))),
    "angle": lambda x, rng: with_column(x, rng.uniform(0, 360, len(x))),
    "two kinds of rows": lambda x, rng: x + 10 * (rng.random(x.shape) < 0.3),
    "rare kind of row": lambda x, rng: with_column(x, (rng.random(len(x)) < 0.02) + rng.normal(0, 0.01, len(x))),
    "constant": lambda x, rng: with_column(x, np.full(len(x), 3.7)),
    "few rows": lambda x, rng: x,
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("step", ["standardize", "min-max", "quantile"])
def test_prepared_columns_of_every_kind_raise_no_warning(tmp_path, name, step, seed):
    x, y = table(seed, rows=40 if name == "few rows" else 300)
    x = HEALTHY[name](x, np.random.default_rng(seed + 7))
    findings = found(tmp_path, config(step), all=(x, y))
    assert programs.told(one for one in findings if one.code[:3] in ("D10", "D11", "D12")) == []


@pytest.mark.parametrize("name", ["one-hot", "rare yes", "normal"])
def test_columns_that_need_no_scaling_raise_no_warning_without_it(tmp_path, name):
    x, y = table(1)
    assert programs.told(found(tmp_path, config(), all=(HEALTHY[name](x, np.random.default_rng(3)), y))) == []


def test_notes_say_what_a_column_may_be(tmp_path):
    x, y = table()
    rng = np.random.default_rng(5)
    for column, name in (
        (rng.integers(0, 6, len(x)), "number-coded-category"),
        (np.arange(len(x)), "number-coded-category"),
        (rng.uniform(0, 360, len(x)), "wrapped-angle"),
        (rng.uniform(-np.pi, np.pi, len(x)), "wrapped-angle"),
        (np.exp(3 * x[:, 1]), "heavy-tailed-feature"),
        (np.full(len(x), 2.0), "constant-feature"),
        (1e-5 * x[:, 1], "enlarged-feature"),
    ):
        said = severities(found(tmp_path, config("standardize"), all=(with_column(x, column), y)))
        assert said.get(name) == "note", (name, said)


def test_counts_and_normal_columns_are_neither_codes_nor_angles(tmp_path):
    x, y = table(rows=700)
    x[:, 1] = np.random.default_rng(0).poisson(2, len(x))
    x[:, 2] = np.clip(x[:, 2], -3.14, 3.14)
    said = severities(found(tmp_path, config("standardize"), all=(x, y)))
    assert "number-coded-category" not in said
    assert "wrapped-angle" not in said


def test_a_step_that_makes_categories_one_hot_silences_the_note(tmp_path):
    x, y = table()
    x[:, 1] = np.random.default_rng(0).integers(0, 6, len(x))
    steps = [{"kind": "one-hot", "columns": [1]}, "standardize"]
    assert "number-coded-category" not in severities(found(tmp_path, config(*steps), all=(x, y)))


def test_constants_alone_are_nothing_to_learn_from(tmp_path):
    _, y = table()
    [said] = [one for one in found(tmp_path, config(), all=(np.ones((400, 2)), y)) if one.name == "constant-feature"]
    assert said.severity == "warning"
    assert "nothing to learn" in said.message


def test_a_column_that_rounds_in_training_and_moves_in_validation_stops_a_run(tmp_path):
    x, y = table()
    train, validation = rounding_noise(x[:300], np.random.default_rng(0)), with_column(x[300:], np.full(100, 0.7))
    findings = found(tmp_path, config("standardize"), train=(train, y[:300]), validation=(validation, y[300:]))
    said = next(one for one in findings if one.name == "constant-feature")
    assert said.severity == "error"


def test_centred_inputs_are_not_told_to_be(tmp_path):
    x, y = table()
    low = (x - x.min()) / (x.max() - x.min())
    assert severities(found(tmp_path, config(), all=(low, y)))["uncentred-inputs"] == "note"
    assert "uncentred-inputs" not in severities(found(tmp_path, config("center"), all=(low, y)))


def test_bytes_scaled_twice_are_told(tmp_path):
    x, y = table()
    said = found(tmp_path, config("scale-bytes"), all=(np.abs(x) / 5, y))
    assert (said[0].name, said[0].severity) == ("rescaled-non-bytes", "warning")
    assert said[0].change == {"data.inputs": []}
    pixels = np.random.default_rng(0).integers(0, 256, (400, 1, 6, 6)).astype(np.float64)
    said = found(tmp_path, config("scale-bytes"), all=(pixels, y))
    assert "rescaled-non-bytes" not in programs.loud(said)
    again = found(tmp_path, config("standardize", "scale-bytes"), all=(pixels, y))
    assert again[0].name == "rescaled-non-bytes"


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.ones((3, 2)), np.array([0, 1, 0])),
        (np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan], [4.0, np.nan]]), np.array([0, 1, 0, 1])),
        (np.random.default_rng(0).normal(size=(50, 2)) * 1e300, np.arange(50) % 2),
        (np.full((50, 2), 1.7e308) * np.where(np.arange(50) % 3, 1, -1)[:, None], np.arange(50) % 2),
        (np.random.default_rng(0).normal(size=(50, 2)).astype(np.float16), np.arange(50) % 2),
        (np.random.default_rng(0).random((50, 2)) < 0.5, np.arange(50) % 2),
        (np.full((50, 2), 5e-324) * (np.arange(50) % 5)[:, None], np.arange(50) % 2),
        (np.arange(100).reshape(50, 2), np.arange(50) % 2),
    ],
    ids=["three rows", "nothing in a column", "huge", "at the limit", "float16", "bool", "tiniest", "integers"],
)
def test_strange_numbers_are_measured_without_a_warning_of_numpy(tmp_path, x, y):
    split = {"split": {"validation": 0.34, "stratify": False}}
    said = found(tmp_path, config(data=split), all=(x, y))
    assert "the rule itself" not in [one.where for one in said]  # where a rule that raised says so


def test_numbers_beyond_float32_are_found_after_preparation(tmp_path):
    x, y = table()
    first, *_ = found(tmp_path, config(), all=(np.where(x > 2, 1e300, x), y))
    assert (first.name, first.where) == ("nonfinite-data", "train prepared inputs")


def test_a_training_that_an_outlier_ruined_names_it_first(tmp_path):
    x, y = table(2)
    save(tmp_path, all=(one_typing_error(x, None), y))
    settings = config(optimizer={"kind": "sgd", "lr": 0.05})
    run = programs.run(tmp_path, settings, MODULE)
    assert run.findings[0].name == "outliers"
    save(tmp_path, all=(x, y))
    assert programs.told(one for one in programs.run(tmp_path, settings, MODULE).findings if one.code[0] == "D") == []
