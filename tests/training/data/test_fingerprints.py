"""Equal content has equal fingerprints, different content different ones, and other methods say nothing."""

from __future__ import annotations

import os
import random
import time

import numpy as np
import pytest

from logbook.errors import DataError
from logbook.training.data.file_cache import FileCache
from logbook.training.data.fingerprints import (
    fingerprint_arrays,
    fingerprint_dataset,
    fingerprint_file,
    fingerprint_files,
)
from logbook_schemas.records.provenance import FingerprintRecord, same

X = np.arange(12, dtype=np.float32).reshape(3, 4)


def value(**arrays):
    return fingerprint_arrays(arrays).value


@pytest.mark.parametrize(
    "twin",
    [
        X.copy(),
        np.asfortranarray(X),
        np.repeat(X, 2, axis=1)[:, ::2],
        X[::-1][::-1],
        X.astype(">f4"),
    ],
    ids=["copy", "fortran", "strided", "reversed twice", "big-endian"],
)
def test_memory_layout_and_byte_order_do_not_matter(twin):
    assert value(x=twin) == value(x=X)


@pytest.mark.parametrize(
    "other",
    [
        {"x": X + np.eye(3, 4, dtype=np.float32)},
        {"x": X.reshape(4, 3)},
        {"x": X.astype(np.float64)},
        {"x": X.view(np.int32)},
        {"x": X.T},
        {"x": X[::-1]},
        {"y": X},
        {"x": X, "y": X},
        {"x": X[:0]},
        {},
    ],
    ids=["value", "shape", "wider", "kind", "transposed", "order of rows", "name", "more", "empty", "nothing"],
)
def test_anything_else_makes_a_difference(other):
    assert value(**other) != value(x=X)


def test_names_and_contents_cannot_be_mistaken_for_each_other():
    a, b = np.frombuffer(b"ab", "u1"), np.frombuffer(b"c", "u1")
    c, d = np.frombuffer(b"a", "u1"), np.frombuffer(b"bc", "u1")
    assert value(x=a, y=b) != value(x=c, y=d)
    assert fingerprint_arrays({"y": b, "x": a}).value == value(x=a, y=b)


@pytest.mark.parametrize(
    "array",
    [
        np.array(["2024-01-01", "NaT"], "M8[ns]"),
        np.array(["a", "longer"]),
        np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]),
        np.array(3.5),
        np.array([True, False]),
        np.array([1 + 2j]),
        np.array(["a", 1, None], dtype=object),
        np.zeros((0, 4)),
    ],
    ids=["time", "text", "fields", "scalar", "bool", "complex", "objects", "empty"],
)
def test_every_kind_of_array_has_a_fingerprint(array):
    assert len(value(x=array)) == 64
    assert value(x=array) == value(x=array.copy())


def test_rows_are_the_length_that_all_arrays_share():
    assert fingerprint_arrays({"x": X, "y": np.zeros(3)}).rows == 3
    assert fingerprint_arrays({"x": X, "y": np.zeros(4)}).rows is None


def test_arrays_of_strange_objects_are_unknown_and_say_why():
    record = fingerprint_arrays({"x": np.array([object()])})
    assert record.method == "none"
    assert record.note == "array 'x': it holds objects of type object"
    assert same(record, record) is None


def test_fingerprints_of_different_methods_are_unknown():
    a = FingerprintRecord(method="file-sha256/1", value="aa")
    assert same(a, a.model_copy()) is True
    assert same(a, a.model_copy(update={"value": "bb"})) is False
    assert same(a, a.model_copy(update={"method": "arrays-sha256/1"})) is None


def old_file(tmp_path, content=b"a,b\n1,2\n"):
    file = tmp_path / "data.csv"
    file.write_bytes(content)
    os.utime(file, (1_600_000_000, 1_600_000_000))
    return file


def test_a_file_is_its_content(tmp_path):
    file = old_file(tmp_path)
    first = fingerprint_file(file)
    file.rename(tmp_path / "renamed.csv")
    assert fingerprint_file(tmp_path / "renamed.csv") == first
    (tmp_path / "renamed.csv").write_bytes(b"a,b\n1,3\n")
    assert same(fingerprint_file(tmp_path / "renamed.csv"), first) is False


def test_the_cache_answers_for_an_unchanged_file_in_another_process(tmp_path):
    file = old_file(tmp_path)
    first = fingerprint_file(file, FileCache(tmp_path / "cache"))
    assert (tmp_path / "cache" / "fingerprints.json").is_file()
    # Content changed behind the cache's back, with size, time and inode as before: it can't be seen.
    with file.open("r+b") as stream:
        stream.write(b"X")
    os.utime(file, (1_600_000_000, 1_600_000_000))
    assert fingerprint_file(file, FileCache(tmp_path / "cache")) == first
    assert fingerprint_file(file) != first


def test_the_cache_notices_size_time_and_inode(tmp_path):
    cache = FileCache(tmp_path / "cache")
    first = fingerprint_file(old_file(tmp_path), cache)
    assert fingerprint_file(old_file(tmp_path, b"a,b\n1,2,3\n"), cache) != first
    file = old_file(tmp_path)
    file.write_bytes(b"a,b\n1,4\n")
    os.utime(file, (1_600_000_000, 1_600_000_001))
    assert fingerprint_file(file, cache) != first
    file = old_file(tmp_path)
    assert fingerprint_file(file, cache) == first
    replacement = tmp_path / "new.csv"
    replacement.write_bytes(b"a,b\n9,9\n")
    os.utime(replacement, (1_600_000_000, 1_600_000_000))
    replacement.rename(file)
    assert fingerprint_file(file, cache) != first


def test_a_file_that_was_just_written_is_not_cached(tmp_path):
    cache = FileCache(tmp_path)
    file = tmp_path / "data.csv"
    file.write_bytes(b"1")
    os.utime(file, ns=(time.time_ns(), time.time_ns()))
    fingerprint_file(file, cache)
    assert not cache.path.exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 9}', b'{"format": 1, "files": [1]}', b"[" * 100_000]
)
def test_a_damaged_cache_costs_only_time(tmp_path, content):
    cache = FileCache(tmp_path / "cache")
    file = old_file(tmp_path)
    first = fingerprint_file(file, cache)
    cache.path.write_bytes(content)
    assert fingerprint_file(file, cache) == first
    assert fingerprint_file(file, cache) == first
    assert [entry.name for entry in cache.path.parent.iterdir()] == ["fingerprints.json"]


def test_a_cache_with_wrong_entries_is_not_believed(tmp_path):
    cache = FileCache(tmp_path / "cache")
    file = old_file(tmp_path)
    first = fingerprint_file(file, cache)
    cache.path.write_text(cache.path.read_text().replace(first.value, "short"))
    assert fingerprint_file(file, cache) == first


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert fingerprint_file(old_file(tmp_path), FileCache(tmp_path / "cache")).method == "file-sha256/1"


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path, kind):
    place = tmp_path / "data"
    if kind == "folder":
        place.mkdir()
    if kind == "pipe":
        os.mkfifo(place)
    with pytest.raises(DataError, match=r"data (can't be read: No such file|is not a file)"):
        fingerprint_file(place)


def noisy(index):
    return X * index + np.random.random(), {"label": index, "also": [random.random(), "text", None]}


def test_a_data_set_with_random_examples_has_one_fingerprint():
    first = fingerprint_dataset(1000, noisy)
    random.seed(5)
    np.random.seed(6)
    assert fingerprint_dataset(1000, noisy) == first
    assert (first.rows, len(first.value)) == (1000, 64)


def test_the_generators_are_left_as_they_were():
    torch = pytest.importorskip("torch")

    def item(index):
        return noisy(index), torch.rand(3)

    random.seed(1), np.random.seed(2), torch.manual_seed(3)
    expected = random.random(), np.random.random(), torch.rand(1)
    random.seed(1), np.random.seed(2), torch.manual_seed(3)
    first = fingerprint_dataset(100, item)
    assert (random.random(), np.random.random(), torch.rand(1)) == expected
    assert fingerprint_dataset(100, item) == first

    def failing(index):
        random.seed(index)
        raise ValueError("broken example")

    random.seed(1)
    with pytest.raises(ValueError, match="broken example"):
        fingerprint_dataset(100, failing)
    assert random.random() == expected[0]


def test_examples_are_seeded_few_and_never_more_than_there_are():
    seen = []
    fingerprint_dataset(10**9, lambda index: seen.append(index) or index)
    assert len(seen) == 64
    assert max(seen) > 10**8
    again, seen = seen, []
    fingerprint_dataset(10**9, lambda index: seen.append(index) or index)
    assert seen == again
    seen = []
    fingerprint_dataset(3, lambda index: seen.append(index) or index)
    assert seen == [0, 1, 2]
    assert fingerprint_dataset(0, noisy).rows == 0


def test_length_examples_and_their_structure_make_a_difference():
    base = fingerprint_dataset(10, lambda i: (X, i))
    for length, item in [
        (11, lambda i: (X, i)),
        (10, lambda i: (X + 1, i)),
        (10, lambda i: (X, float(i))),
        (10, lambda i: ((X, i),)),
        (10, lambda i: {"x": X, "y": i}),
    ]:
        assert same(fingerprint_dataset(length, item), base) is False
    assert same(fingerprint_dataset(10, lambda i: (X, i), examples=5), base) is None
    assert same(fingerprint_dataset(10, lambda i: (X, i), seed=1), base) is None


def test_tensors_count_as_their_arrays():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(X, requires_grad=True)
    assert same(fingerprint_dataset(2, lambda _: tensor), fingerprint_dataset(2, lambda _: X)) is True


def test_examples_that_numpy_cannot_read_are_unknown():
    record = fingerprint_dataset(2, lambda _: (X, object()))
    assert (record.method, record.note) == ("none", "example 0: it holds an object of type object")


def old_files(tmp_path, **contents):
    files = {}
    for name, content in contents.items():
        files[name] = tmp_path / name
        files[name].write_bytes(content)
        os.utime(files[name], (1_600_000_000, 1_600_000_000))
    return files


def test_many_files_are_their_names_and_contents_and_not_their_order(tmp_path):
    files = old_files(tmp_path, a=b"1", b=b"2")
    first = fingerprint_files(files)
    assert fingerprint_files(dict(reversed(files.items()))) == first
    others = [old_files(tmp_path, a=b"2", b=b"1"), old_files(tmp_path, a=b"1", c=b"2"), old_files(tmp_path, a=b"12")]
    assert all(fingerprint_files(other) != first for other in others)


def test_the_cache_answers_for_many_files_as_one_entry(tmp_path):
    cache = FileCache(tmp_path / "cache")
    files = old_files(tmp_path, a=b"1", b=b"2")
    first = fingerprint_files(files, cache)
    assert cache.path.read_text().count("sha256") == 1
    files["b"].write_bytes(b"3")  # behind the cache's back: it can't be seen
    os.utime(files["b"], (1_600_000_000, 1_600_000_000))
    assert fingerprint_files(files, cache) == first
    os.utime(files["b"], (1_600_000_000, 1_600_000_001))
    assert fingerprint_files(files, cache) != first
    files |= old_files(tmp_path, b=b"2", c=b"")
    assert fingerprint_files(files, cache) != first


def test_many_files_of_which_one_was_just_written_are_not_cached(tmp_path):
    cache = FileCache(tmp_path / "cache")
    files = old_files(tmp_path, a=b"1", b=b"2")
    os.utime(files["b"], ns=(time.time_ns(), time.time_ns()))
    fingerprint_files(files, cache)
    assert not cache.path.exists()


def test_a_file_that_went_away_is_named(tmp_path):
    files = old_files(tmp_path, a=b"1", b=b"2")
    files["b"].unlink()
    with pytest.raises(DataError, match="b can't be read"):
        fingerprint_files(files, FileCache(tmp_path / "cache"))
