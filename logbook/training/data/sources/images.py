"""A folder of images, a sub-folder for each class, perhaps below folders that are splits.

Images are turned as their EXIF data say, so that they stand as people see them. Transparency is dropped.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.raw import WHOLE, Examples, RawData, find_folder
from logbook_schemas.config.sources import Images

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["IMAGE_ENDINGS", "load_images", "read_image"]

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg")
_SPLIT_OF = {"train": "train", "validation": "validation", "val": "validation", "valid": "validation", "test": "test"}


@dataclass
class _Found:
    """The images of a folder by class, and what else stood there."""

    by_class: dict[str, list[Path]] = field(default_factory=dict)
    others: list[Path] = field(default_factory=list)


def load_images(source: Images, folder: Path) -> RawData:
    """Return the images as bytes [N, C, H, W], and their classes as indices into the sorted names of the folders.

    Hidden files and files of other kinds are left out, and the notes say so. Raises DataError for a folder without
    images, one that can't be read, or images of different sizes that no `size` brings together.
    """
    top = find_folder(source.path, folder)
    try:
        found = {split: _collect(place, source) for split, place in _splits(top, source).items()}
    except OSError as error:
        raise DataError(f"{source.path} can't be read: {error.strerror or error}") from error
    classes = tuple(sorted({name for part in found.values() for name in part.by_class}))
    parts, shape = {}, _shape(source)
    for split, part in found.items():
        labelled = [(file, classes.index(name)) for name in sorted(part.by_class) for file in part.by_class[name]]
        if not labelled:
            raise DataError(
                f"{source.path} holds no image of {split}; expected png or jpeg files in folders of classes"
            )
        inputs, shape = _read_all([file for file, _ in labelled], source, top, shape)
        parts[split] = Examples(inputs, np.array([label for _, label in labelled], dtype=np.int64))
    files = {
        file.relative_to(top).as_posix(): file
        for part in found.values()
        for images in part.by_class.values()
        for file in images
    }
    return RawData(
        label=f"images {source.path}",
        parts=parts,
        classes=classes,
        files=files,
        notes=_notes(source, top, [other for part in found.values() for other in part.others]),
    )


def _splits(top: Path, source: Images) -> dict[str, Path]:
    """Return the folders of splits, or the whole folder: a class may well be called `train`."""
    below = {path.name: path for path in _visible(top) if path.is_dir()}
    are_splits = "train" in below and all(
        name in _SPLIT_OF and any(inner.is_dir() for inner in _visible(path)) for name, path in below.items()
    )
    if not are_splits:
        return {WHOLE: top}
    named: dict[str, Path] = {}
    for name, path in sorted(below.items()):
        split = _SPLIT_OF[name]
        if split in named:
            raise DataError(f"{source.path} has two folders for {split}, {named[split].name} and {name}; keep one")
        named[split] = path
    return {split: named[split] for split in ("train", "validation", "test") if split in named}


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _collect(folder: Path, source: Images) -> _Found:
    found = _Found()
    for place in _visible(folder):
        if not place.is_dir():
            found.others.append(place)
            continue
        files = _visible(place)
        images = [file for file in files if file.suffix.lower() in IMAGE_ENDINGS and file.is_file()]
        found.others += [file for file in files if file not in set(images)]
        if not images and files:
            raise DataError(
                f"{source.path}: folder {place.relative_to(folder)} holds no png or jpeg file, but {files[0].name};"
                " expected a folder for each class, with its images in it"
            )
        if images:
            found.by_class[place.name] = images
    return found


def _notes(source: Images, top: Path, others: Sequence[Path]) -> tuple[str, ...]:
    if not others:
        return ()
    count = "1 file or folder is" if len(others) == 1 else f"{len(others)} files or folders are"
    return (f"images {source.path}: {count} no image of a class and left out, {others[0].relative_to(top)} for one",)


def _shape(source: Images) -> tuple[int, int] | None:
    return None if source.size is None else (source.size[0], source.size[1])


def _read_all(
    files: Sequence[Path], source: Images, top: Path, shape: tuple[int, int] | None
) -> tuple[Array, tuple[int, int] | None]:
    """Return the pixels of all files, and their height and width: the first one's where nothing is said."""
    pixels: Array | None = None
    for place, file in enumerate(files):
        image = read_image(file, source, shape if source.size is not None else None)
        found = image.shape[1:]
        shape = shape or (found[0], found[1])
        if found != shape:
            raise DataError(
                f"{source.path}: {file.relative_to(top)} is {_size(found)} pixels, the images before it {_size(shape)};"
                ' say to which size they are to be brought: "size": [height, width] in data.source'
            )
        if pixels is None:
            pixels = np.empty((len(files), *image.shape), dtype=np.uint8)
        pixels[place] = image
    assert pixels is not None  # the caller has files
    return pixels, shape


def _size(shape: Sequence[int]) -> str:
    return f"{shape[0]} x {shape[1]} (height x width)"


def read_image(file: Path, source: Images, size: tuple[int, int] | None) -> Array:
    """Return one image, bytes [C, H, W]. Raises DataError naming a file that holds none."""
    import PIL.Image
    import PIL.ImageOps

    try:
        with warnings.catch_warnings():
            # Pillow warns of an image so large that it may be an attack, and of odd metadata that it can do without.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(file, formats=("PNG", "JPEG")) as opened:
                image = _in_channels(PIL.ImageOps.exif_transpose(opened), source, file)
        if size is not None and image.size != (size[1], size[0]):
            image = image.resize((size[1], size[0]), PIL.Image.Resampling[source.resize.upper()])
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise DataError(f"{file} is an image of too many pixels to be one for training: {error}") from error
    except PIL.UnidentifiedImageError as error:
        raise DataError(f"{file} is no png or jpeg image, or is damaged") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as error:
        raise DataError(f"{file} can't be read as an image: {error}") from error
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _in_channels(image: Image, source: Images, file: Path) -> Image:
    if image.mode[0] in "IF":
        raise DataError(f"{file} has more than 8 bits a pixel (mode {image.mode}); expected 0 to 255: save it so")
    if "transparency" in image.info:
        image = image.convert("RGBA")  # else Pillow warns that it will be lost
    return image.convert("L" if source.channels == 1 else "RGB")
