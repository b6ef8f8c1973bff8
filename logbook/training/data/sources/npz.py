"""Arrays of a NumPy archive. Pickles are refused: reading one would run what its author wrote."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array, examples_of, extra_of
from logbook.training.data.sources.npy import DAMAGED_HEADER
from logbook.training.data.sources.raw import WHOLE, Examples, RawData, find_file
from logbook_schemas.config.sources import Npz
from logbook_schemas.reading import nearest

__all__ = ["load_npz", "read_archive"]


def load_npz(source: Npz, folder: Path, extra: Sequence[str] = ()) -> RawData:
    """Return the two named arrays, and those that `extra` names, one value an example.

    Without targets the inputs stand in their place, for task reconstruction.

    Raises DataError for no archive, a missing array, or arrays of objects.
    """
    file = find_file(source.path, folder)
    # Opened here, since numpy leaves the file of a broken archive open.
    with file.open("rb") as stream:
        archive = _open(stream, source.path)
        inputs = _read(archive, source.inputs, source.path)
        targets = inputs if source.targets is None else _read(archive, source.targets, source.path)
        named = {name: _read(archive, name, source.path) for name in extra}
    pair = examples_of(inputs, targets, where=source.path)
    examples = Examples(*pair, extra_of(named, len(pair[0]), where=source.path))
    return RawData(label=f"npz {source.path}", parts={WHOLE: examples}, file=file)


def read_archive(path: Path, name: str) -> Array:
    """Return an array of an archive by its name, or the only one that it holds; raises as `load_npz` does."""
    with path.open("rb") as stream:
        archive = _open(stream, str(path))
        return _read(archive, archive.files[0] if len(archive.files) == 1 else name, str(path))


def _open(stream: BinaryIO, path: str) -> Any:
    try:
        archive: Any = np.load(stream, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, *DAMAGED_HEADER, NotImplementedError) as error:
        raise DataError(f"{path} is no NumPy archive (.npz), as numpy.savez writes them") from error
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise DataError(f"{path} holds a single array (.npy); expected an archive (.npz) of inputs and targets")
    return archive


def _read(archive: Any, name: str, path: str) -> Array:
    if name not in archive.files:
        near = nearest(name, archive.files)
        hint = f"; did you mean '{near}'?" if near else ""
        raise DataError(f"{path} has no array '{name}'; it holds {', '.join(archive.files) or 'nothing'}{hint}")
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of headers that Python 2 wrote
            array: object = archive[name]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise DataError(f"{path}: array '{name}' can't be read: {error}") from error
        raise DataError(
            f"{path}: array '{name}' holds Python objects, which are not read (they could run code);"
            " save it as an array of numbers or text"
        ) from error
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, *DAMAGED_HEADER) as error:
        raise DataError(f"{path}: array '{name}' is damaged: {error}") from error
    except (NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path}: array '{name}' is packed in a way that can't be read: {error}") from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path}: '{name}' is no array")
    return array
