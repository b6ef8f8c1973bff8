"""CIFAR-10 and CIFAR-100: batches of the Python and the binary version, written here in their formats."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

from logbook.errors import DataError

CIFAR = {"kind": "cifar10", "path": "set"}
NAMES = [f"name {n}" for n in range(10)]
HALF = {"validation": 0.5}


def pixels(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, size=(count, 3072), dtype=np.uint8)


def batch(seed, count=20, **changes):
    """Return a batch as the authors' files hold it: of Python 2, its keys bytes."""
    labels = [n % 10 for n in range(count)]
    return {
        b"batch_label": b"x",
        b"labels": labels,
        b"data": pixels(count, seed),
        b"filenames": [b"a"] * count,
    } | changes


def dump(file, value, protocol=2):
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(pickle.dumps(value, protocol=protocol))


@pytest.fixture
def ten(tmp_path):
    """Write CIFAR-10's Python version with 20 images a batch."""
    folder = tmp_path / "set"
    for number in range(1, 6):
        dump(folder / f"data_batch_{number}", batch(number))
    dump(folder / "test_batch", batch(6))
    dump(folder / "batches.meta", {"label_names": NAMES, "num_vis": 3072})
    return folder


def refusal(load, source=CIFAR):
    with pytest.raises(DataError) as caught:
        load(source, split=HALF)
    return str(caught.value)


def test_batches_follow_each_other_and_the_test_batch_is_the_test_split(load, ten):
    loaded = load(CIFAR, split=HALF)
    assert {name: len(split) for name, split in loaded.splits().items()} == {"train": 50, "validation": 50, "test": 20}
    assert loaded.input_shape == (3, 32, 32)
    train = loaded.source.parts["train"]
    assert np.array_equal(train.inputs[20:40].reshape(20, -1), pixels(20, seed=2))
    assert train.targets.tolist() == [n % 10 for n in range(20)] * 5
    assert loaded.classes == tuple(NAMES)
    assert float(loaded.train.inputs.min()) == -1
    assert float(loaded.train.inputs.max()) == 1


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_pickles_of_newer_pythons_are_read_alike(load, ten, protocol):
    dump(ten / "data_batch_1", {"labels": [n % 10 for n in range(20)], "data": pixels(20, 1)}, protocol)
    assert np.array_equal(load(CIFAR, split=HALF).source.parts["train"].inputs[0].ravel(), pixels(20, 1)[0])


def test_the_binary_version_holds_the_same(load, ten, tmp_path):
    folder = tmp_path / "other" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    for name in [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]:
        held = pickle.loads((ten / name).read_bytes())
        rows = np.concatenate([np.array(held[b"labels"], np.uint8)[:, None], held[b"data"]], axis=1)
        (folder / f"{name}.bin").write_bytes(rows.tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(f"n{n}" for n in range(10)) + "\n\n")
    binary, pickled = load({"kind": "cifar10", "path": "other"}, split=HALF), load(CIFAR, split=HALF)
    for part in ("train", "test"):
        assert np.array_equal(binary.source.parts[part].inputs, pickled.source.parts[part].inputs)
        assert np.array_equal(binary.source.parts[part].targets, pickled.source.parts[part].targets)
    assert binary.classes[9] == "n9"


@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize(("labels", "classes"), [("fine", 100), ("coarse", 20)])
def test_cifar_100_has_two_kinds_of_labels(load, tmp_path, is_binary, labels, classes):
    folder = tmp_path / "set"
    folder.mkdir()
    fine, coarse = np.arange(200) % 100, np.arange(200) % 20
    for name in ("train", "test"):
        if is_binary:
            rows = np.concatenate([coarse[:, None], fine[:, None], pixels(200)], axis=1).astype(np.uint8)
            (folder / f"{name}.bin").write_bytes(rows.tobytes())
        else:
            dump(
                folder / name, {b"fine_labels": fine.tolist(), b"coarse_labels": coarse.tolist(), b"data": pixels(200)}
            )
    loaded = load({"kind": "cifar100", "path": "set", "labels": labels}, split=HALF)
    assert len(loaded.classes) == classes
    assert loaded.source.parts["test"].targets.tolist() == (np.arange(200) % classes).tolist()
    assert np.array_equal(loaded.source.parts["test"].inputs.reshape(200, -1), pixels(200))


class Attack:
    """Pickles to a call of a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("place", ["data", "labels", "whole", "key"])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(load, ten, tmp_path, place):
    witness = tmp_path / "witness"
    attack = Attack(os.mkdir, str(witness))
    value = {"data": batch(1, data=attack), "labels": batch(1, labels=attack), "whole": attack, "key": {"k": [attack]}}
    dump(ten / "data_batch_1", value[place])
    message = refusal(load)
    assert message.endswith(
        "data_batch_1 names posix.mkdir, which is no part of a data file: it is not read, since it could run code"
    )
    assert not witness.exists()


@pytest.mark.parametrize(
    "value",
    [
        {b"labels": [0], b"data": np.array([print], dtype=object)},
        {b"labels": [0], b"data": np.zeros(1, dtype=[("a", "u1")])},
        {b"labels": [0], b"data": {1, 2}},
        {b"labels": [0], b"data": 1j},
    ],
    ids=["function", "fields", "set", "complex"],
)
def test_what_is_no_plain_data_is_refused(load, ten, value):
    dump(ten / "data_batch_1", value)
    assert "data_batch_1" in refusal(load)


def test_a_pickle_cannot_change_what_reads_the_next_one(load, ten):
    before = load(CIFAR, split=HALF).source.parts["train"].inputs
    names = (b"numpy.core.multiarray\n_reconstruct", b"numpy\nndarray", b"numpy\ndtype", b"_codecs\nencode")
    for name in names:  # GLOBAL, an empty dict in a tuple of (None, {"__new__": 1}), BUILD
        (ten / "batches.meta").write_bytes(b"\x80\x02c" + name + b"\nN}U\x07__new__K\x01s\x86b.")
        assert "batches.meta" in refusal(load)
    (ten / "batches.meta").unlink()
    assert np.array_equal(load(CIFAR, split=HALF).source.parts["train"].inputs, before)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (batch(1, labels=[0] * 19), "20 images and 'labels' of shape (19,)"),
        (batch(1, data=pixels(20)[:, :-1]), "'data' is uint8 (20, 3071), expected bytes of shape (images, 3072)"),
        (batch(1, data=pixels(20).astype(np.float32)), "'data' is float32"),
        (batch(1, labels=[10] * 20), "holds label 10, expected 0 to 9"),
        ({b"data": pixels(20), b"fine_labels": [0] * 20}, "has no 'labels'; it holds data, fine_labels"),
        ([1, 2], "holds a list; expected a batch"),
    ],
)
def test_a_batch_that_is_none_is_refused_with_its_reason(load, ten, value, expected):
    dump(ten / "data_batch_3", value)
    message = refusal(load)
    assert "data_batch_3" in message
    assert expected in message


@pytest.mark.parametrize("change", [lambda content: content[:-100], lambda content: b"", lambda content: b"text"])
def test_a_damaged_batch_is_named(load, ten, change):
    file = ten / "data_batch_2"
    file.write_bytes(change(file.read_bytes()))
    assert "data_batch_2 is no pickle of plain data, or is damaged" in refusal(load)


def test_a_missing_batch_is_named(load, ten):
    (ten / "data_batch_4").unlink()
    assert "data_batch_4 is not there; without it the set isn't whole" in refusal(load)
    (ten / "data_batch_1").unlink()
    assert "set has neither data_batch_1 nor data_batch_1.bin" in refusal(load)


def test_a_cut_binary_file_is_refused(load, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.bin").write_bytes(b"x" * 3073)
    source = {"kind": "cifar100", "path": "set"}
    assert "train.bin has 3073 bytes, expected a multiple of 3074" in refusal(load, source)
