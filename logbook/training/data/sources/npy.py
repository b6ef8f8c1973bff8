"""Two files of one NumPy array each. They are mapped into memory: what isn't used is never read."""

from __future__ import annotations

import warnings
from pathlib import Path
from tokenize import TokenError

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array, examples_of
from logbook.training.data.sources.raw import WHOLE, Examples, RawData, find_file
from logbook_schemas.config.sources import Npy

__all__ = ["DAMAGED_HEADER", "load_npy"]

DAMAGED_HEADER = (SyntaxError, TokenError, TypeError, OverflowError)
"""What numpy raises of an array's header, which it reads as an expression of Python."""


def load_npy(source: Npy, folder: Path) -> RawData:
    """Return the two arrays. Raises DataError for no array, one of objects, or two that don't belong together."""
    inputs, targets = (_read(path, folder) for path in (source.inputs, source.targets))
    label = f"npy {source.inputs}"
    files = {path: find_file(path, folder) for path in (source.inputs, source.targets)}
    examples = Examples(*examples_of(inputs, targets, where=f"{source.inputs}, {source.targets}"))
    return RawData(label=label, parts={WHOLE: examples}, files=files)


def _read(path: str, folder: Path) -> Array:
    file = find_file(path, folder)
    with file.open("rb") as stream:
        is_array = stream.read(6) == b"\x93NUMPY"
    if not is_array:
        raise DataError(f"{path} is no NumPy file (.npy), as numpy.save writes one; for an archive take kind 'npz'")
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of headers that Python 2 wrote
            array: Array = np.load(file, mmap_mode="r", allow_pickle=False)
        return array
    except ValueError as error:
        if "objects" in str(error) or "allow_pickle" in str(error):
            raise DataError(
                f"{path} holds Python objects, which are not read (they could run code); save it as an array of numbers"
                " or text"
            ) from error
        raise DataError(f"{path} is damaged: {error}") from error
    except (OSError, EOFError, *DAMAGED_HEADER) as error:
        raise DataError(f"{path} is damaged: {error}") from error
