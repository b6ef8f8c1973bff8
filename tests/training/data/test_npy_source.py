"""Two NumPy files, of inputs and of targets."""

from __future__ import annotations

import numpy as np
import pytest

from logbook.errors import DataError

NPY = {"kind": "npy", "inputs": "x.npy", "targets": "y.npy"}


def save(folder, x, y):
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    return dict(NPY)


def test_arrays_are_read_as_they_stand(load, tmp_path):
    x = np.arange(10 * 4 * 4, dtype=np.float32).reshape(10, 1, 4, 4)
    loaded = load(save(tmp_path, x, np.arange(10) % 2), task="classification", inputs=[])
    assert loaded.input_shape == (1, 4, 4)
    assert np.array_equal(loaded.train.inputs.numpy(), x[loaded.train.rows])
    assert loaded.train.targets.tolist() == (loaded.train.rows % 2).tolist()


def test_inputs_are_mapped_and_not_held(load, tmp_path):
    loaded = load(save(tmp_path, np.ones((10, 3)), np.arange(10) % 2), task="binary")
    assert isinstance(loaded.source.parts["all"].inputs, np.memmap)


def test_either_file_counts_in_the_fingerprint(probe, tmp_path):
    def prints(x, y):
        return probe(save(tmp_path, x, y), task="classification").fingerprint.value

    x, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    assert prints(x, y) == prints(x.copy(), y)
    assert len({prints(x, y), prints(x + 1, y), prints(x, 1 - y)}) == 3


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (np.ones((4, 2)), np.arange(3), "4 inputs and 3 targets"),
        (np.ones((0, 2)), np.arange(0), "inputs of shape (0, 2) hold no values"),
        (np.array(["a", "b"]), np.arange(2), "expected numbers"),
        (np.array([{}, {}], dtype=object), np.arange(2), "x.npy holds Python objects"),
        (np.ones((4, 2)), np.ones(4), "every target is 1; expected at least 2 classes"),
    ],
)
def test_arrays_that_are_no_examples_are_refused(load, tmp_path, x, y, expected):
    with pytest.raises(DataError) as caught:
        load(save(tmp_path, x, y), task="classification")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: b"", "is no NumPy file"),
        (lambda content: b"PK\x03\x04", "for an archive take kind 'npz'"),
        (lambda content: content[:-20], "is damaged"),
        (lambda content: content[:20], "is damaged"),
        (lambda content: content.replace(b"}", b"(", 1), "is damaged"),  # numpy reads the header as Python does
    ],
)
def test_a_damaged_file_is_refused(load, tmp_path, change, expected):
    source = save(tmp_path, np.ones((10, 2)), np.arange(10) % 2)
    file = tmp_path / "x.npy"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(DataError, match=r"x\.npy") as caught:
        load(source, task="classification")
    assert expected in str(caught.value)


def test_a_missing_file_is_named(load, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((4, 2)))
    with pytest.raises(DataError, match=r"y\.npy is not there"):
        load(NPY, task="classification")
