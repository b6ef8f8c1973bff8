"""Fingerprints of data: what stands for its content when two runs are compared.

A method's name carries its version and, where it samples, its parameters: only fingerprints of one method can
be compared, everything else is unknown.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbook.errors import DataError
from logbook.training.data.file_cache import FileCache
from logbook_schemas.records.provenance import FingerprintRecord

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ARRAYS_METHOD",
    "FILES_METHOD",
    "FILE_METHOD",
    "FileCache",
    "fingerprint_arrays",
    "fingerprint_dataset",
    "fingerprint_file",
    "fingerprint_files",
]

ARRAYS_METHOD = "arrays-sha256/1"
FILE_METHOD = "file-sha256/1"
FILES_METHOD = "files-sha256/1"
_DATASET_METHOD = "examples-sha256/1"


def fingerprint_arrays(arrays: Mapping[str, np.ndarray[Any, Any]]) -> FingerprintRecord:
    """Fingerprint named arrays by type, shape and content; neither memory layout nor byte order matters.

    `rows` is the length of the first axis where all arrays share it. Arrays of Python objects have no bytes
    to compare: their elements count as text, numbers or None, and anything else gives a record of method
    `none`.
    """
    import numpy as np

    digest = hashlib.sha256()
    lengths = set()
    try:
        for name in sorted(arrays):
            array = np.asarray(arrays[name])
            _add_text(digest, name)
            _add_array(digest, array)
            lengths.add(array.shape[0] if array.ndim else None)
    except _NoFingerprint as reason:
        return FingerprintRecord(method="none", note=f"array {name!r}: {reason}")
    rows = lengths.pop() if len(lengths) == 1 else None
    return FingerprintRecord(method=ARRAYS_METHOD, value=digest.hexdigest(), rows=rows)


def fingerprint_file(path: Path, cache: FileCache | None = None) -> FingerprintRecord:
    """Fingerprint a file by its content. Raises DataError when there is no regular file that can be read."""
    try:
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise DataError(f"{path} is not a file")
        if cache is not None and (known := cache.get(path, before)):
            return FingerprintRecord(method=FILE_METHOD, value=known)
        with path.open("rb") as stream:
            value = hashlib.file_digest(stream, "sha256").hexdigest()
        after = path.stat()
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return FingerprintRecord(method="none", note=f"{path} changed while it was read")
    if cache is not None:
        cache.put(path, after, value)
    return FingerprintRecord(method=FILE_METHOD, value=value)


def fingerprint_files(files: Mapping[str, Path], cache: FileCache | None = None) -> FingerprintRecord:
    """Fingerprint files that are read together by their names within the source and their contents.

    Where the folder stands plays no part. Raises DataError where one of them can't be read.
    """
    found = {name: _stat(path) for name, path in files.items()}
    if cache is not None and (known := cache.get_many(files, found)):
        return FingerprintRecord(method=FILES_METHOD, value=known)
    digest = hashlib.sha256()
    for name in sorted(files):
        one = fingerprint_file(files[name])
        if one.value is None:
            return one
        _add_text(digest, name)
        _add_text(digest, one.value)
    value = digest.hexdigest()
    if cache is not None:
        cache.put_many(files, found, value)
    return FingerprintRecord(method=FILES_METHOD, value=value)


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from error


def fingerprint_dataset(
    length: int, getitem: Callable[[int], object], *, examples: int = 64, seed: int = 0
) -> FingerprintRecord:
    """Fingerprint a data set by its length and a few seeded examples, each under fixed random numbers.

    The states of Python's, numpy's and torch's generators are as before afterwards. What `getitem` raises
    passes through. An example may nest tuples, lists, mappings, numbers, text and whatever numpy can read.
    """
    indices = sorted(random.Random(seed).sample(range(length), min(examples, length)))
    method = f"{_DATASET_METHOD} examples={examples} seed={seed}"
    digest = hashlib.sha256()
    _add_text(digest, str(length))
    with _kept_generators():
        for index in indices:
            _seed_generators(seed + index)
            try:
                _add_item(digest, getitem(index))
            except _NoFingerprint as reason:
                return FingerprintRecord(method="none", rows=length, note=f"example {index}: {reason}")
    return FingerprintRecord(method=method, value=digest.hexdigest(), rows=length)


class _NoFingerprint(Exception):  # noqa: N818  # becomes the note of a record
    """This value has no content that could be hashed."""


def _add_text(digest: Any, text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    digest.update(b"%d:" % len(content))
    digest.update(content)


def _add_array(digest: Any, array: np.ndarray[Any, Any]) -> None:
    if array.dtype.hasobject:
        _add_objects(digest, array)
        return
    import numpy as np

    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    _add_text(digest, json.dumps([np.lib.format.dtype_to_descr(little.dtype), array.shape]))
    if little.nbytes:
        flat = np.ascontiguousarray(little).reshape(-1)
        digest.update(flat.view(np.uint8).data)


def _add_objects(digest: Any, array: np.ndarray[Any, Any]) -> None:
    if array.dtype.names is not None:
        raise _NoFingerprint("it has fields that hold Python objects")
    _add_text(digest, json.dumps(["objects", array.shape]))
    for element in array.reshape(-1).tolist():
        if not isinstance(element, str | int | float | bytes | None):
            raise _NoFingerprint(f"it holds objects of type {type(element).__name__}")
        _add_text(digest, f"{type(element).__name__} {element!r}")


def _add_item(digest: Any, item: object) -> None:
    """Add one example. Each part begins with its kind and size, so that no two examples read the same."""
    import numpy as np

    if isinstance(item, str | bytes | bool | int | float | None) and not isinstance(item, np.generic):
        _add_text(digest, f"{type(item).__name__} {item!r}")
    elif isinstance(item, Mapping):
        _add_text(digest, f"mapping of {len(item)}")
        for key in sorted(item, key=repr):
            _add_item(digest, key)
            _add_item(digest, item[key])
    elif isinstance(item, tuple | list):
        _add_text(digest, f"sequence of {len(item)}")
        for part in item:
            _add_item(digest, part)
    else:
        array = np.asarray(_on_cpu(item))
        if array.dtype.hasobject:
            raise _NoFingerprint(f"it holds an object of type {type(item).__name__}")
        _add_array(digest, array)


def _on_cpu(item: Any) -> Any:
    """Bring a tensor to where numpy can read it, without importing torch to know one."""
    for method in ("detach", "cpu"):
        call = getattr(item, method, None)
        item = call() if callable(call) else item
    return item


def _seed_generators(seed: int) -> None:
    import numpy as np

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(seed)


@contextlib.contextmanager
def _kept_generators() -> Iterator[None]:
    """Put the global generators back as they were. torch's counts only if something has loaded it."""
    import numpy as np

    torch: Any = sys.modules.get("torch")
    python_state, numpy_state = random.getstate(), np.random.get_state()
    torch_state = None if torch is None else torch.default_generator.get_state()
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        if torch_state is not None:
            torch.default_generator.set_state(torch_state)
