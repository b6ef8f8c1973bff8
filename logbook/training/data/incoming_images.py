"""New images for a trained network: one file, or a folder of them at any depth, read as the run read its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from logbook.errors import DataError
from logbook.training.data.arrays import Array
from logbook.training.data.sources.images import IMAGE_ENDINGS, read_image
from logbook_schemas.config.sources import Images

__all__ = ["ImageReader", "NewImages", "is_image"]


@dataclass(frozen=True)
class NewImages:
    """Bytes [N, C, H, W], the names of their files below the folder that was asked for, and what was left out."""

    pixels: Array
    files: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImageReader:
    """`source` says to which size and channels an image is brought; `shape` [C, H, W] is what the run was trained on.

    `run` names it in messages.
    """

    source: Images
    shape: tuple[int, ...]
    run: str

    def read(self, path: Path) -> NewImages:
        """Return the images in the order of their names; hidden files are left out.

        Raises DataError for a folder without any, a damaged file, or one of another size where none is set.
        """
        if not path.is_dir():
            return NewImages(self._read_one(path, str(path))[None], (path.name,))
        below = [one for one in sorted(path.rglob("*")) if one.is_file() and not _is_hidden(one.relative_to(path))]
        found = [one for one in below if is_image(one)]
        if not found:
            raise DataError(f"{path} holds no png or jpeg file")
        pixels = np.empty((len(found), *self.shape), dtype=np.uint8)
        for place, one in enumerate(found):
            pixels[place] = self._read_one(one, str(one))
        left_out = len(below) - len(found)
        count = "1 file is" if left_out == 1 else f"{left_out} files are"
        remarks = (f"{path}: {count} no png or jpeg and left out",) if left_out else ()
        return NewImages(pixels, tuple(one.relative_to(path).as_posix() for one in found), remarks)

    def _read_one(self, file: Path, name: str) -> Array:
        image = read_image(file, self.source, self.source.size)
        if image.shape != self.shape:
            raise DataError(
                f"{name} is {_size(image.shape)}, but {self.run} was trained on images of {_size(self.shape)}"
            )
        return image


def is_image(path: Path) -> bool:
    """Say whether a file is called like an image that can be read."""
    return path.suffix.lower() in IMAGE_ENDINGS


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[2]} pixels (height x width)"
