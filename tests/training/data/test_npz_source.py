"""Arrays of a NumPy archive."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from logbook.errors import DataError

NPZ = {"kind": "npz", "path": "set.npz"}


def save(folder, **arrays):
    np.savez(folder / "set.npz", **arrays)
    return dict(NPZ)


def test_images_of_bytes_become_floats_and_keep_their_shape(load, tmp_path):
    x = np.arange(10 * 3 * 4 * 4, dtype=np.uint8).reshape(10, 3, 4, 4)
    loaded = load(save(tmp_path, x=x, y=np.arange(10) % 2), task="classification", inputs=["scale-bytes"])
    assert loaded.input_shape == (3, 4, 4)
    assert loaded.train.inputs.dtype == torch.float32
    assert torch.equal(loaded.train.inputs, torch.from_numpy((x[loaded.train.rows] / 255).astype(np.float32)))


def test_big_endian_and_compressed_arrays_are_read(load, tmp_path):
    np.savez_compressed(tmp_path / "set.npz", x=np.arange(10.0).astype(">f8"), y=np.arange(10).astype(">i4") % 2)
    loaded = load(dict(NPZ), task="classification", inputs=[])
    assert loaded.train.inputs[:, 0].tolist() == loaded.train.rows.tolist()


def test_labels_kept_as_bytes_are_text(load, tmp_path):
    source = save(tmp_path, x=np.arange(10.0), y=np.array([b"no", b"yes"] * 5))
    assert load(source, task="binary").classes == ("no", "yes")


@pytest.mark.parametrize(
    ("arrays", "source", "expected"),
    [
        ({"x": np.ones((4, 2)), "labels": np.arange(4)}, {}, "has no array 'y'; it holds x, labels"),
        ({"images": np.ones((4, 2)), "y": np.arange(4)}, {"inputs": "image"}, "did you mean 'images'?"),
        ({"x": np.ones((4, 2)), "y": np.arange(3)}, {}, "4 inputs and 3 targets"),
        ({"x": np.array([{}, {}], dtype=object), "y": np.arange(2)}, {}, "'x' holds Python objects"),
        ({"x": np.array(["a", "b"]), "y": np.arange(2)}, {}, "expected numbers"),
        ({"x": np.ones((4, 2), dtype=complex), "y": np.arange(4)}, {}, "expected numbers"),
        ({"x": np.ones((0, 2)), "y": np.ones(0)}, {}, "expected at least one example"),
        ({"x": np.float64(3), "y": np.arange(2)}, {}, "is a single value"),
        ({"x": np.ones((4, 2)), "y": np.ones((4, 2))}, {}, "expected one class an example"),
    ],
)
def test_arrays_that_are_no_examples_are_refused(load, tmp_path, arrays, source, expected):
    with pytest.raises(DataError, match=r"set\.npz") as caught:
        load(save(tmp_path, **arrays) | source, task="classification")
    assert expected in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04broken", b"\x80\x04N."])
def test_what_is_no_archive_is_refused(load, tmp_path, content):
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(DataError, match="no NumPy archive"):
        load(dict(NPZ), task="classification")


def test_a_damaged_array_is_refused(load, tmp_path):
    save(tmp_path, x=np.random.default_rng(0).normal(size=(50, 20)), y=np.arange(50) % 2)
    content = bytearray((tmp_path / "set.npz").read_bytes())
    content[1000] ^= 0xFF
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(DataError, match="array 'x' is damaged"):
        load(dict(NPZ), task="classification")


def test_a_header_that_is_no_expression_is_refused(load, tmp_path):
    save(tmp_path, x=np.ones((50, 2)), y=np.arange(50) % 2)
    content = (tmp_path / "set.npz").read_bytes()
    (tmp_path / "set.npz").write_bytes(content.replace(b"{'descr'", b"(('descr", 1))
    with pytest.raises(DataError, match="array 'x' is damaged"):
        load(dict(NPZ), task="classification")


@pytest.mark.parametrize(
    ("offset", "value", "expected"),
    [(6, 255, "no NumPy archive"), (8, 1, "packed in a way"), (10, 99, "packed in a way")],
    ids=["a later version", "a password", "another compression"],
)
def test_an_archive_of_another_making_is_refused(load, tmp_path, offset, value, expected):
    save(tmp_path, x=np.ones((50, 2)), y=np.arange(50) % 2)
    content = bytearray((tmp_path / "set.npz").read_bytes())
    content[content.index(b"PK\x01\x02") + offset] = value
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(DataError, match=expected):
        load(dict(NPZ), task="classification")


def test_a_single_array_is_refused(load, tmp_path):
    np.save(tmp_path / "set.npy", np.ones(3))
    with pytest.raises(DataError, match="holds a single array"):
        load(NPZ | {"path": "set.npy"}, task="classification")
