"""The person's own Datasets: prepared as they are read, never loaded whole."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from logbook.errors import DataError
from logbook.training.data import probe_data
from logbook.training.data.loading import load_data

OWN = """
class Own(torch.utils.data.Dataset):
    reads = 0
    def __init__(self, n, scale=1.0, noise=0.0):
        self.n, self.scale, self.noise = n, scale, noise
    def __len__(self):
        return self.n
    def __getitem__(self, i):
        Own.reads += 1
        x = np.array([i, -i], dtype='f8') * self.scale
        return x + self.noise * np.random.normal(size=2), i % 3
"""


def test_items_come_out_prepared_and_encoded(load, person):
    code = OWN + "def data():\n    return {'train': Own(30), 'validation': Own(9, 5.0)}\n"
    loaded = load(person(code), task="classification", inputs=["standardize"])
    x, y = loaded.validation.dataset[7]
    rows = np.arange(30.0)
    np.testing.assert_allclose(x, (np.array([35, -35]) - [rows.mean(), -rows.mean()]) / rows.std(), rtol=1e-6)
    assert (x.dtype, y.dtype, int(y)) == (torch.float32, torch.int64, 1)
    assert (loaded.input_shape, loaded.output_size, loaded.classes) == ((2,), 3, ("0", "1", "2"))
    assert loaded.train.inputs is None


def test_one_dataset_is_split_by_the_config(load, person):
    code = OWN + "def data():\n    return Own(40)\n"
    loaded = load(person(code), task="classification", split={"validation": 0.25})
    assert (len(loaded.train), len(loaded.validation)) == (30, 10)
    assert loaded.validation.dataset[3][0][0] == loaded.validation.rows[3]
    assert loaded.notes == (
        f"{loaded.source.label}: the Dataset has no attribute 'targets', so its split is not stratified",
    )


def test_a_dataset_with_targets_is_stratified(load, person):
    code = OWN + "def data():\n    own = Own(90)\n    own.targets = [i % 3 for i in range(90)]\n    return own\n"
    loaded = load(person(code), task="classification", split={"validation": 0.1})
    assert np.bincount(loaded.validation.rows % 3).tolist() == [3, 3, 3]
    assert loaded.notes == ()


def test_a_large_dataset_is_sampled_and_says_so(config, person, tmp_path):
    code = OWN + "def data():\n    return {'train': Own(50_000), 'validation': Own(300)}\n"
    settings = config(person(code), task="classification", inputs=["standardize"])
    loaded = load_data(settings, tmp_path)
    own = type(loaded.train.dataset.raw)
    assert own.reads == 10_300
    record, _ = probe_data(loaded, settings)
    assert record.sampled
    assert record.splits["train"].class_counts == ()
    assert record.splits["validation"].class_counts == (100, 100, 100)
    assert record.raw_inputs.column_means[0] == pytest.approx(25_000, rel=0.03)
    assert record.splits["train"].rows == 50_000
    # The 300 rows of validation stand in train; of these, the sample holds its share.
    assert record.shared[0].rows > 20


def test_reading_a_sample_leaves_random_numbers_alone_and_repeats(config, person, tmp_path):
    code = OWN + "def data():\n    return {'train': Own(50, noise=1.0), 'validation': Own(9)}\n"
    settings = config(person(code), task="classification", inputs=["standardize"])
    np.random.seed(5)
    expected = np.random.normal()
    np.random.seed(5)
    first, _ = probe_data(load_data(settings, tmp_path), settings)
    assert np.random.normal() == expected
    second, _ = probe_data(load_data(settings, tmp_path), settings)
    assert first == second
    assert "examples-sha256" in first.fingerprint.method


def test_a_class_beyond_those_known_is_named(load, person):
    code = OWN + "def data():\n    own = Own(30)\n    own.classes = ['a', 'b', 'c', 'd']\n    return own\n"
    assert load(person(code), task="classification").output_size == 4
    lying = OWN + "class Late(Own):\n    def __getitem__(self, i):\n        Late.reads += 1\n"
    lying += "        return np.ones(2), 7 if Late.reads > 99 else i % 3\ndef data():\n    return Late(30)\n"
    loaded = load(person(lying), task="classification", split={"validation": 0.0})
    [loaded.train.dataset[place] for place in range(30)]
    type(loaded.train.dataset.raw).reads = 100
    with pytest.raises(DataError, match="class 7, which is none of the 3 classes known"):
        loaded.train.dataset[0]


def test_examples_of_different_shapes_are_refused(load, person):
    code = OWN + "class Odd(Own):\n    def __getitem__(self, i):\n        return np.ones(2 + (i == 4)), i % 2\n"
    with pytest.raises(DataError, match=r"input of example 4 has shape \(3,\), that of example 0 \(2,\)"):
        load(person(code + "def data():\n    return Odd(9)\n"), task="binary", split={"validation": 0.0})


def test_regression_targets_of_a_dataset_are_scaled(load, person):
    code = "def data():\n    x = torch.arange(20.)\n    return torch.utils.data.TensorDataset(x, 3 * x + 100)\n"
    loaded = load(person(code), task="regression", split={"validation": 0.0}, targets=["standardize"])
    targets = torch.stack([y for _, y in loaded.train.dataset])
    assert (loaded.input_shape, tuple(targets.shape)) == ((1,), (20, 1))
    assert float(targets.mean()) == pytest.approx(0, abs=1e-6)
    assert loaded.targets.unscale(targets)[:3, 0].tolist() == pytest.approx([100, 103, 106], rel=1e-5)
