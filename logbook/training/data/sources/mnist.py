"""MNIST, Fashion-MNIST and sets in their format: four IDX files, gzipped or not.

An IDX file is two zero bytes, the type (8: unsigned byte), the number of axes, each axis as a big-endian 32-bit
number, and the values.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import WHOLE, Examples, RawData, find_folder
from logbook_schemas.config.sources import Mnist

__all__ = ["load_mnist"]

_PREFIX = {"train": "train", "test": "t10k"}
_AXES = {"images": 3, "labels": 1}
_BYTE = 8
_FOLDERS = (".", "raw", "MNIST/raw", "FashionMNIST/raw")
"""Where the files are looked for below the named folder; the last three are torchvision's."""
_FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


def load_mnist(source: Mnist, folder: Path) -> RawData:
    """Return the images as bytes [N, 1, H, W] with their labels; the test files, where they are there, as test split.

    Raises DataError for a missing or damaged file, or images and labels that differ in number.
    """
    top = _find(source, folder)
    files = {split: {what: _file(top, split, what) for what in _AXES} for split in _PREFIX}
    files = {split: pair for split, pair in files.items() if split == "train" or any(pair.values())}
    parts, found = {}, {}
    for split, pair in files.items():
        arrays = {}
        for what, file in pair.items():
            if file is None:
                raise DataError(f"{source.path} has no {_name(split, what)} (nor .gz); looked in {top.resolve()}")
            arrays[what] = _read(file, what)
            found[file.name] = file
        if len(arrays["images"]) != len(arrays["labels"]):
            raise DataError(
                f"{source.path}: {len(arrays['images'])} images of {split} and {len(arrays['labels'])} labels;"
                " expected one label an image"
            )
        parts[split] = Examples(arrays["images"][:, None], arrays["labels"].astype(np.int64))
    if list(parts) == ["train"]:
        parts = {WHOLE: parts["train"]}
    classes = _FASHION if source.dataset == "fashion-mnist" else tuple(map(str, range(10)))
    return RawData(label=f"{source.dataset} {source.path}", parts=parts, classes=classes, files=found)


def _find(source: Mnist, folder: Path) -> Path:
    top = find_folder(source.path, folder)
    places = [top / below for below in _FOLDERS]
    held = [place for place in places if _file(place, "train", "images") is not None]
    return held[0] if held else top


def _name(split: str, what: str) -> str:
    return f"{_PREFIX[split]}-{what}-idx{_AXES[what]}-ubyte"


def _file(folder: Path, split: str, what: str) -> Path | None:
    name = _name(split, what)
    names = (name, name.replace("-idx", ".idx"))
    files = (folder / f"{one}{ending}" for one in names for ending in ("", ".gz"))
    return next((file for file in files if file.is_file()), None)


def _read(file: Path, what: str) -> Array:
    """Return the values of an IDX file, bytes [N, H, W] or [N]. Raises DataError for one that isn't whole."""
    try:
        content = file.read_bytes()
        if file.suffix == ".gz":
            content = gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{file} is damaged: {error}") from error
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror or error}") from error
    axes = _AXES[what]
    header = 4 + 4 * axes
    magic = content[:4]
    if magic != bytes((0, 0, _BYTE, axes)):
        found = int.from_bytes(magic, "big") if len(magic) == 4 else f"{len(magic)} bytes"
        raise DataError(
            f"{file} begins with {found}, expected {_BYTE * 256 + axes}: it is no IDX file of {what}, or is damaged"
        )
    if len(content) < header:
        raise DataError(f"{file} is cut off: it has {len(content)} bytes, its header alone {header}")
    shape = struct.unpack(f">{axes}I", content[4:header])
    values = math.prod(shape)
    expected = header + values
    if len(content) != expected:
        kind = "cut off" if len(content) < expected else "too long"
        raise DataError(f"{file} is {kind}: {len(content)} bytes, expected {expected} for {_times(shape)} values")
    if not values:
        raise DataError(f"{file} holds no values: its header says {_times(shape)}")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
