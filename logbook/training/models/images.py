"""What convolutional networks share: the shape of an image, pooling, and how large what comes out is."""

from __future__ import annotations

from typing import assert_never

from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook_schemas.config.layers import (
    AveragePooling,
    GlobalAverage,
    GlobalMax,
    GlobalPooling,
    MaxPooling,
    NoGlobalPooling,
    NoPooling,
    Pooling,
)

__all__ = ["Size", "as_images", "build_global_pooling", "build_pooling", "image_shape", "pooled_size"]

Size = tuple[int, int]
"""Height and width, in pixels."""


def image_shape(shape: tuple[int, ...], kind: str) -> tuple[int, int, int]:
    """Return channels, height and width of an example; raises ConfigError where it is no image."""
    match shape:
        case (channels, height, width):
            return channels, height, width
        case (height, width):
            return 1, height, width
        case _:
            raise ConfigError(
                f"model.kind is '{kind}', which needs images of shape (channels, height, width) or (height, width),"
                f" but an example of this data has shape {shape}; use model.kind 'mlp', or a source that gives images"
            )


def as_images(shape: tuple[int, ...]) -> nn.Module | None:
    """Return what makes [N, height, width] into [N, 1, height, width], or None where a channel is there already."""
    return nn.Unflatten(1, (1, shape[0])) if len(shape) == 2 else None


def build_pooling(kind: Pooling) -> nn.Module | None:
    """Return the module of a pooling, or None where there is none."""
    match kind:
        case NoPooling():
            return None
        case MaxPooling():
            return nn.MaxPool2d(kind.size, kind.stride)
        case AveragePooling():
            return nn.AvgPool2d(kind.size, kind.stride)
        case _:
            assert_never(kind)


def pooled_size(kind: Pooling, size: Size) -> Size:
    """Return height and width after a pooling; 0 or less where no window fits."""
    if isinstance(kind, NoPooling):
        return size
    stride = kind.stride or kind.size
    return (size[0] - kind.size) // stride + 1, (size[1] - kind.size) // stride + 1


class _GlobalAverage(nn.Module):
    """[N, C, height, width] -> [N, C]. (Torch's own adaptive pooling has no deterministic kernel on CUDA.)"""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.mean((2, 3))


class _GlobalMax(nn.Module):
    """[N, C, height, width] -> [N, C]."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.amax((2, 3))


def build_global_pooling(kind: GlobalPooling) -> nn.Module | None:
    """Return what makes one number of each filter, or None where every pixel goes on."""
    match kind:
        case NoGlobalPooling():
            return None
        case GlobalAverage():
            return _GlobalAverage()
        case GlobalMax():
            return _GlobalMax()
        case _:
            assert_never(kind)
