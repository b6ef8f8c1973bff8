"""Pickles of plain data: numbers, text, lists, dicts, and arrays of bytes. Reading one runs nothing of its author's.

A pickle names callables and has them called. Here each name is looked up in a short list of stand-ins that can only
build an array from bytes; every other name is refused before it is looked for.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array

__all__ = ["read_pickle"]

_PLAIN_TYPES = ("u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def read_pickle(file: Path) -> object:
    """Return what a pickle holds; text of Python 2 comes as bytes. Raises DataError for anything but plain data."""
    try:
        with file.open("rb") as stream:
            return _plain(_Reader(stream, encoding="bytes").load())
    except _ForeignName as name:
        raise DataError(
            f"{file} names {name}, which is no part of a data file: it is not read, since it could run code"
        ) from name
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror or error}") from error
    except Exception as error:
        # A damaged pickle raises whatever its opcodes happen upon.
        raise DataError(f"{file} is no pickle of plain data, or is damaged: {type(error).__name__}") from error


class _ForeignName(Exception):  # noqa: N818  # becomes a DataError
    """A pickle names something else than plain data."""


class _Type:
    """Stands for numpy's dtype: keeps its letters, and looks at nothing else."""

    def __init__(self, letters: str | bytes, *_: object) -> None:
        text = letters.decode() if isinstance(letters, bytes) else letters
        if text not in _PLAIN_TYPES:
            raise _ForeignName(f"arrays of type {text}")
        self.letters, self.order = text, "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1].decode() if isinstance(state[1], bytes) else state[1]
        self.order = ">" if order == ">" else "<"


class _Array:
    """Stands for numpy's array until its bytes have come."""

    value: Array | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, is_fortran, content = state
        dtype = np.dtype(kind.order + kind.letters)
        self.value = np.frombuffer(content, dtype=dtype).reshape(shape, order="F" if is_fortran else "C")


class _Fixed:
    """What a pickle may call and not change: a state is set on an object by its `__setstate__`, where it has one."""

    @staticmethod
    def __setstate__(*_: object) -> None:
        raise _ForeignName("a change to what builds arrays")


class _Reconstruct(_Fixed):
    """Stands for the function that makes an empty array."""

    def __new__(cls, *_: object) -> Any:
        return _Array()


class _Encode(_Fixed):
    """Stands for `codecs.encode`, by which protocol 2 writes bytes."""

    def __new__(cls, text: str, encoding: str = "latin1") -> Any:
        if encoding not in ("latin1", "latin-1"):
            raise _ForeignName(f"the encoding {encoding}")
        return text.encode("latin1")


_STAND_INS: dict[tuple[str, str], Callable[..., object]] = {
    ("numpy.core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _Reconstruct,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _Encode,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a name; nothing is imported."""
        found = _STAND_INS.get((module, name))
        if found is None:
            raise _ForeignName(f"{module}.{name}")
        return found


def _plain(value: object) -> object:
    """Return what was read with its arrays in the place of their stand-ins."""
    if isinstance(value, _Array):
        if value.value is None:
            raise ValueError("an array without values")
        return value.value
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str | bytes | int | float | None):
        return value
    raise _ForeignName(f"an object of type {type(value).__name__}")
