"""The record of the data, each number against a naive second version."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from logbook.training.data import load_data, probe_data
from logbook.training.data.describe import describe_array, find_nonfinite, find_whole_values, sample_rows

DIGITS = {"kind": "sklearn", "dataset": "digits"}


def test_arrays_are_described_as_numpy_would():
    array = np.random.default_rng(0).normal([1, 50], [2, 0.1], size=(999, 2)).astype(np.float32)
    array[:, 1] = 50
    record = describe_array(array, dtype="float32", columns=("a", "b"))
    wide = array.astype(np.float64)
    found = [record.mean, record.std, record.min, record.max, record.quantile_995]
    expected = [wide.mean(), wide.std(), wide.min(), wide.max(), np.quantile(np.abs(wide), 0.995)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(record.column_means, wide.mean(0), rtol=1e-12)
    np.testing.assert_allclose(record.column_stds, [wide[:, 0].std(), 0], rtol=1e-9)
    assert record.columns == ("a", "b")


def test_missing_values_are_left_out_of_the_description():
    array = np.array([[1.0, np.nan], [3.0, np.inf], [5.0, 7.0]])
    record = describe_array(array, dtype="float64")
    assert (record.mean, record.min, record.max) == (4.0, 1.0, 7.0)
    assert record.column_means == (3.0, 7.0)
    assert describe_array(np.full((3, 1), np.nan), dtype="float64").mean is None


def test_wide_arrays_name_a_thousand_columns_and_describe_all():
    array = np.zeros((3, 2, 40, 40))
    array[:, 1, 39, 39] = 8
    record = describe_array(array, dtype="float64")
    assert len(record.columns) == len(record.column_means) == 1000
    assert record.columns[41] == "0,1,1"
    assert record.max == 8


def test_many_rows_are_sampled_with_a_seed():
    rows, has_left_out = sample_rows(np.arange(300_000.0)[:, None])
    assert (len(rows), has_left_out) == (200_000, True)
    assert np.array_equal(rows, sample_rows(np.arange(300_000.0)[:, None])[0])
    assert sample_rows(np.ones((10, 3)))[1] is False


@pytest.mark.parametrize("kind", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_found_with_row_and_column(kind):
    array = np.zeros((50, 3, 2))
    array[20, 1, 1] = kind
    array[40] = np.nan
    rows = np.arange(50) * 10
    found = find_nonfinite(array, split="train", name="inputs", rows=rows)
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    assert (found.count, found.row, found.column, found.kind) == (7, 200, "1,1", names[str(kind)])
    assert find_nonfinite(np.zeros((5, 2)), split="train", name="inputs", rows=rows[:5]) is None
    assert find_nonfinite(np.zeros((5, 2), dtype=int), split="train", name="inputs", rows=rows[:5]) is None


def test_rows_and_columns_of_missing_values_are_the_sources_own(probe, tmp_path):
    lines = [f"{n},{n * n},{n % 3}" for n in range(100)]
    lines[37] = "37,,1"
    (tmp_path / "a.csv").write_text("n,square,y\n" + "\n".join(lines) + "\n")
    record = probe({"kind": "csv", "path": "a.csv", "target": "y"}, task="regression")
    (found,) = record.nonfinite
    assert (found.array, found.row, found.column, found.kind, found.count) == ("inputs", 37, "square", "NaN", 1)
    assert found.line == 39
    assert record.raw_inputs.columns == ("n", "square")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([2, 0, 1, 2], (0, 1, 2)),
        ([-1.0, np.nan, 3.0, np.inf], (-1, 3)),
        ([0.0, 0.5], ()),
        (range(100), tuple(range(100))),
        (range(101), ()),
        ([1e300, 0], ()),
        ([np.nan], ()),
    ],
    ids=str,
)
def test_few_whole_values_are_listed(values, found):
    assert find_whole_values(np.array(values, dtype=float)) == found


def test_the_record_lists_whole_regression_targets_and_no_classes(probe):
    iris = {"kind": "sklearn", "dataset": "iris"}
    assert probe(iris, task="regression").target_values == (0, 1, 2)
    assert probe(iris, task="classification").target_values == ()


def test_only_a_file_of_lines_has_lines(probe, person):
    source = person("def data():\n    x = np.ones((20, 2)); x[3, 1] = np.nan\n    return x, np.arange(20) % 2\n")
    record = probe(source, task="classification")
    assert record.nonfinite
    assert {found.line for found in record.nonfinite} == {None}
    assert [pair.lines for pair in record.shared] == [()]


def test_shared_rows_of_a_file_know_their_lines(probe, tmp_path):
    rows = "\n".join(f"{n % 30},{n % 30}" for n in range(60))
    (tmp_path / "a.csv").write_text(f"x,y\n\n{rows}\n")
    (pair,) = probe({"kind": "csv", "path": "a.csv", "target": "y"}, task="regression").shared
    assert pair.lines == tuple(row + 3 for row in pair.examples)
    assert pair.examples


def test_the_record_of_the_digits_says_what_they_are(probe):
    record = probe(DIGITS, split={"validation": 0.2, "test": 0.1})
    assert record.source == "sklearn digits"
    assert (record.task, record.input_shape, record.output_size) == ("classification", (1, 8, 8), 10)
    assert {name: split.rows for name, split in record.splits.items()} == {
        "train": 1258,
        "validation": 359,
        "test": 180,
    }
    assert sum(sum(split.class_counts) for split in record.splits.values()) == 1797
    assert (record.raw_inputs.min, record.raw_inputs.max) == (0, 16)
    assert abs(record.inputs.mean) < 1e-6
    assert abs(record.inputs.std - 1) < 1e-6
    assert record.raw_targets is None
    assert record.sampled is False
    assert record.metric_modes == {"accuracy": "max"}
    assert not record.nonfinite
    assert not record.shared


def test_fingerprints_follow_the_content_and_the_split(probe):
    one, again = probe(DIGITS), probe(DIGITS)
    other = probe(DIGITS, split={"seed": 1})
    assert one == again
    assert one.fingerprint == other.fingerprint
    assert one.splits["train"].fingerprint != other.splits["train"].fingerprint
    made = {"kind": "synthetic", "pattern": "xor"}
    assert probe(made).fingerprint != probe(made | {"seed": 1}).fingerprint


def test_the_fingerprint_of_a_file_is_its_contents(probe, tmp_path):
    np.savez(tmp_path / "set.npz", x=np.arange(20.0), y=np.arange(20) % 2)
    record = probe({"kind": "npz", "path": "set.npz"}, task="binary")
    assert record.fingerprint.value == hashlib.sha256((tmp_path / "set.npz").read_bytes()).hexdigest()
    assert record.folder == str(tmp_path)


def test_the_blob_holds_the_fitted_statistics(config, tmp_path):
    settings = config({"kind": "sklearn", "dataset": "diabetes"})
    loaded = load_data(settings, tmp_path)
    record, blobs = probe_data(loaded, settings)
    content = blobs[record.preparation_blob]
    assert hashlib.sha256(content).hexdigest() == record.preparation_blob
    kept = json.loads(content)
    assert kept == loaded.preparation
    raw = loaded.train.raw.targets
    np.testing.assert_allclose([kept["targets"][0]["shift"], kept["targets"][0]["scale"]], [[raw.mean()], [raw.std()]])
    assert record.raw_targets.mean == pytest.approx(raw.mean())
    assert record.targets.std == pytest.approx(1, rel=1e-6)


def test_data_on_a_device_keep_what_training_needs_and_drop_the_raw_rows(config):
    settings = config(DIGITS)
    loaded = load_data(settings, Path())
    lean = loaded.to(torch.device("cpu"))
    assert lean.train.raw is None
    assert torch.equal(lean.train.inputs, loaded.train.inputs)
    with pytest.raises(ValueError, match="probe the data first"):
        probe_data(lean, settings)


def test_the_digits_are_loaded_and_measured_in_a_third_of_a_second(probe):
    probe(DIGITS)  # the first one imports scikit-learn
    start = time.process_time()  # of one thread: other tests may run beside
    probe(DIGITS)
    assert time.process_time() - start < 0.3
