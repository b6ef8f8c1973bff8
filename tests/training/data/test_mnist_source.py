"""MNIST and Fashion-MNIST: IDX files, written here in their format."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from logbook.errors import DataError

MNIST = {"kind": "mnist", "path": "raw"}
TRAIN, TEST = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"
TRAIN_LABELS, TEST_LABELS = "train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"


def idx(array):
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def digits(tmp_path):
    """Write 20 images to train on and 10 to test on, 6 high and 5 wide; return their folder and the training images."""
    folder = tmp_path / "raw"
    folder.mkdir()
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(30, 6, 5), dtype=np.uint8)
    for name, array in (
        (TRAIN, images[:20]),
        (TEST, images[20:]),
        (TRAIN_LABELS, np.arange(20) % 10),
        (TEST_LABELS, np.arange(10)),
    ):
        (folder / name).write_bytes(idx(array))
    return folder, images[:20]


def refusal(load):
    with pytest.raises(DataError) as caught:
        load(MNIST)
    return str(caught.value)


def test_the_test_files_are_the_test_split(load, digits):
    _, images = digits
    loaded = load(MNIST, split={"validation": 0.5})
    assert {name: len(split) for name, split in loaded.splits().items()} == {"train": 10, "validation": 10, "test": 10}
    assert loaded.input_shape == (1, 6, 5)
    assert np.array_equal(loaded.source.parts["train"].inputs[:, 0], images)
    assert loaded.source.parts["train"].targets.tolist() == [n % 10 for n in range(20)]
    assert float(loaded.train.inputs.min()) >= -1
    assert float(loaded.train.inputs.max()) <= 1
    assert loaded.classes == tuple("0123456789")


def test_fashion_has_its_class_names(load, digits):
    loaded = load(MNIST | {"dataset": "fashion-mnist"}, split={"validation": 0.5})
    assert (loaded.classes[0], loaded.classes[9]) == ("T-shirt/top", "Ankle boot")


def test_gzipped_files_the_other_spelling_and_torchvisions_folders_are_read(load, digits, tmp_path):
    folder, images = digits
    place = tmp_path / "other" / "FashionMNIST" / "raw"
    place.mkdir(parents=True)
    for file in folder.iterdir():
        name = file.name.replace("-idx", ".idx")
        (place / f"{name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    loaded = load({"kind": "mnist", "path": "other"}, split={"validation": 0.5})
    assert np.array_equal(loaded.source.parts["train"].inputs[:, 0], images)


def test_without_test_files_all_images_are_split(load, digits):
    folder, _ = digits
    (folder / TEST).unlink()
    (folder / TEST_LABELS).unlink()
    loaded = load(MNIST, split={"validation": 0.5})
    assert {name: len(split) for name, split in loaded.splits().items()} == {"train": 10, "validation": 10}


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (TRAIN, lambda content: content[:-1], "is cut off: 615 bytes, expected 616 for 20 x 6 x 5 values"),
        (TRAIN, lambda content: content[:9], "is cut off: it has 9 bytes, its header alone 16"),
        (TRAIN, lambda content: content + b"x", "is too long: 617 bytes, expected 616"),
        (TRAIN, lambda content: idx(np.arange(20)), "begins with 2049, expected 2051"),
        (TRAIN_LABELS, lambda content: b"\x00\x00\x0c\x01" + content[4:], "begins with 3073, expected 2049"),
        (TRAIN, lambda content: b"", "begins with 0 bytes, expected 2051"),
        (TRAIN, lambda content: idx(np.zeros((0, 6, 5))), "holds no values: its header says 0 x 6 x 5"),
        (TRAIN_LABELS, lambda content: idx(np.arange(19)), "20 images of train and 19 labels"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(load, digits, name, change, expected):
    file = digits[0] / name
    file.write_bytes(change(file.read_bytes()))
    assert expected in refusal(load)


@pytest.mark.parametrize("name", [TRAIN, TRAIN_LABELS, TEST_LABELS])
def test_a_missing_file_is_named(load, digits, name):
    (digits[0] / name).unlink()
    assert f"raw has no {name} (nor .gz)" in refusal(load)


@pytest.mark.parametrize("damage", [b"text", None])
def test_a_damaged_gzip_is_named(load, digits, damage):
    file = digits[0] / TRAIN
    packed = gzip.compress(file.read_bytes())
    file.unlink()
    (digits[0] / f"{TRAIN}.gz").write_bytes(damage or packed[:-20])
    assert f"{TRAIN}.gz is damaged" in refusal(load)
