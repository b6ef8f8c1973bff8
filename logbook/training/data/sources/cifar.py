"""CIFAR-10 and CIFAR-100 as their authors hand them out: the Python version (pickles) or the binary one.

Both hold images as 3072 bytes: 1024 of red, 1024 of green, 1024 of blue, each a row of 32 pixels after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.plain_pickle import read_pickle
from logbook.training.data.sources.raw import WHOLE, Examples, RawData, find_folder
from logbook_schemas.config.sources import Cifar10, Cifar100

__all__ = ["load_cifar"]

_SHAPE = (3, 32, 32)
_PIXELS = 3072


@dataclass(frozen=True)
class _Layout:
    """What the files of a set are called and hold; `labels` are its kinds of labels in the order of the binary rows."""

    below: tuple[str, ...]
    train: tuple[str, ...]
    test: str
    names: str
    labels: tuple[str, ...]
    classes: tuple[int, ...]


_TEN = _Layout(
    below=(".", "cifar-10-batches-py", "cifar-10-batches-bin"),
    train=tuple(f"data_batch_{number}" for number in range(1, 6)),
    test="test_batch",
    names="batches.meta",
    labels=("labels",),
    classes=(10,),
)
_HUNDRED = _Layout(
    below=(".", "cifar-100-python", "cifar-100-binary"),
    train=("train",),
    test="test",
    names="meta",
    labels=("coarse_labels", "fine_labels"),
    classes=(20, 100),
)


def load_cifar(source: Cifar10 | Cifar100, folder: Path) -> RawData:
    """Return the images as bytes [N, 3, 32, 32] with their labels; the test file, where it is there, as test split.

    Raises DataError for a missing or damaged file, and for a pickle that holds anything but plain data.
    """
    layout = _HUNDRED if isinstance(source, Cifar100) else _TEN
    place = layout.labels.index(f"{source.labels}_labels") if isinstance(source, Cifar100) else 0
    top, ending = _find(source, layout, folder)
    parts: dict[str, Examples] = {}
    files: dict[str, Path] = {}
    for split, names in (("train", layout.train), ("test", (layout.test,))):
        held = [top / f"{name}{ending}" for name in names]
        if split == "test" and not held[0].is_file():
            continue
        parts[split] = _join([_read(file, layout, place) for file in held])
        files |= {file.name: file for file in held}
    if list(parts) == ["train"]:
        parts = {WHOLE: parts["train"]}
    classes = _class_names(top, layout, place, is_binary=ending == ".bin")
    return RawData(label=f"{source.kind} {source.path}", parts=parts, classes=classes, files=files)


def _find(source: Cifar10 | Cifar100, layout: _Layout, folder: Path) -> tuple[Path, str]:
    """Return the folder that holds the first batch, and the ending of its files."""
    top = find_folder(source.path, folder)
    first = layout.train[0]
    for below in layout.below:
        for ending in ("", ".bin"):
            if (top / below / f"{first}{ending}").is_file():
                return top / below, ending
    raise DataError(f"{source.path} has neither {first} nor {first}.bin; looked in {top.resolve()}")


def _join(batches: list[Examples]) -> Examples:
    return Examples(
        np.concatenate([batch.inputs for batch in batches]), np.concatenate([batch.targets for batch in batches])
    )


def _read(file: Path, layout: _Layout, place: int) -> Examples:
    if not file.is_file():
        raise DataError(f"{file} is not there; without it the set isn't whole")
    is_binary = file.suffix == ".bin"
    pixels, labels = _read_binary(file, layout, place) if is_binary else _read_batch(file, layout, place)
    strange = labels[(labels < 0) | (labels >= layout.classes[place])]
    if len(strange):
        raise DataError(
            f"{file} holds label {strange[0]}, expected 0 to {layout.classes[place] - 1}; is it another set?"
        )
    return Examples(pixels.reshape(-1, *_SHAPE), labels)


def _read_binary(file: Path, layout: _Layout, place: int) -> tuple[Array, Array]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror or error}") from error
    width = len(layout.labels) + _PIXELS
    if not content or len(content) % width:
        raise DataError(
            f"{file} has {len(content)} bytes, expected a multiple of {width} (one image): cut off or another file"
        )
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, width)
    return rows[:, -_PIXELS:], rows[:, place].astype(np.int64)


def _read_batch(file: Path, layout: _Layout, place: int) -> tuple[Array, Array]:
    held = _pickled(file)
    name = layout.labels[place]
    missing = [key for key in ("data", name) if key not in held]
    if missing:
        raise DataError(f"{file} has no '{missing[0]}'; it holds {', '.join(map(str, held)) or 'nothing'}")
    pixels, labels = held["data"], np.asarray(held[name])
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != _PIXELS:
        found = f"{pixels.dtype} {pixels.shape}" if isinstance(pixels, np.ndarray) else type(pixels).__name__
        raise DataError(f"{file}: 'data' is {found}, expected bytes of shape (images, {_PIXELS})")
    if labels.dtype.kind not in "iu" or labels.shape != (len(pixels),):
        raise DataError(f"{file}: {len(pixels)} images and '{name}' of shape {labels.shape}; expected one an image")
    return pixels, labels.astype(np.int64)


def _pickled(file: Path) -> dict[str, Any]:
    held = read_pickle(file)
    if not isinstance(held, dict):
        raise DataError(f"{file} holds a {type(held).__name__}; expected a batch, a dict of data and labels")
    return {_text(key): value for key, value in held.items()}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _class_names(top: Path, layout: _Layout, place: int, *, is_binary: bool) -> tuple[str, ...]:
    """Return the names that stand beside the batches, or numbers where that file isn't there."""
    kind = layout.labels[place].removesuffix("_labels")
    numbers = tuple(map(str, range(layout.classes[place])))
    if is_binary:
        file = top / ("batches.meta.txt" if layout is _TEN else f"{kind}_label_names.txt")
        names = file.read_text(encoding="utf-8", errors="replace").split() if file.is_file() else []
    else:
        file = top / layout.names
        key = "label_names" if layout is _TEN else f"{kind}_label_names"
        held = _pickled(file).get(key, []) if file.is_file() else []
        names = [_text(name) for name in held] if isinstance(held, list) else []
    return tuple(names) if len(names) == len(numbers) else numbers
