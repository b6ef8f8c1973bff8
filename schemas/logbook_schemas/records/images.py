"""A few validation examples as small images, and how their pixels are packed.

The pixels lie apart from the record, as the content that `ImagesRecord.blob` names: bytes [images, C, H, W]. A byte
from 0 to 254 is a value between `low` and `high` of its layer; 255 is one that isn't finite.
"""

from __future__ import annotations

import math

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record

__all__ = ["LEVELS", "NONFINITE", "ImageLayer", "ImageRow", "ImagesRecord"]

LEVELS = 254
"""The byte of the largest value; 0 is that of the smallest one."""

NONFINITE = 255


class ImageRow(Record):
    """One example as an image, and what the best checkpoint says of it."""

    row: int = Field(description="in the source's own order, from 0")
    target: JsonValue = Field(None, description="in original units; None where it is the image itself, or has none")
    prediction: JsonValue = None
    loss: float | None = Field(None, description="of this row alone, without any penalty; None where it has none")
    low: float | None = Field(None, description="smallest finite value of its pixels, in the units of the first layer")
    high: float | None = Field(None, description="the largest one")
    nonfinite: int = Field(0, description="values of its pixels that are NaN or infinite")


class ImageLayer(Record):
    """One way to look at images, on one scale for all of them.

    `name` is `loaded` (in original values), `seen` (as the network sees them), or `said` (a reconstruction of them, in
    the units and on the scale of the first layer).
    """

    name: str
    begin: int = Field(description="place of its first image in the content")
    low: float = Field(description="the value that byte 0 stands for")
    high: float = Field(description="the value that byte 254 stands for")


class ImagesRecord(Record):
    """The first examples of the validation split, and those of the highest loss with the best weights, as images.

    The first of `layers` holds all of them, the first before the worst. It is `loaded`, or `seen` where the preparation
    of the inputs can't be undone. Of further layers `seen` holds the first images (those of the first layer, where the
    same bytes would do), and `said` the worst ones.
    """

    blob: str = Field(description="hash of the content that holds the pixels")
    shape: tuple[int, ...] = Field(description="channels (1 or 3), height and width of an image as it is kept")
    size: tuple[int, ...] = Field(description="height and width of the example; larger ones are averaged to fit")
    layers: tuple[ImageLayer, ...] = ()
    first: tuple[ImageRow, ...] = ()
    worst: tuple[ImageRow, ...] = Field((), description="those of the highest loss, the highest first")
    rows: int = Field(0, description="validation rows whose loss was measured, to find the worst")
    of: int = Field(0, description="rows of the validation split")

    @property
    def images(self) -> tuple[ImageRow, ...]:
        """All images, in the order of the first layer."""
        return (*self.first, *self.worst)

    def layer(self, name: str) -> ImageLayer | None:
        """Return a layer by its name."""
        return next((one for one in self.layers if one.name == name), None)

    def pixels(self, content: bytes, begin: int, count: int) -> list[bytes]:
        """Return the bytes [C, H, W] of some images one after the other; ValueError where the content is shorter."""
        size = math.prod(self.shape)
        if len(content) < (begin + count) * size:
            raise ValueError(f"{len(content)} bytes of images, expected at least {(begin + count) * size}")
        return [content[place * size : (place + 1) * size] for place in range(begin, begin + count)]
