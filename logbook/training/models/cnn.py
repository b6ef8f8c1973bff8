"""Convolutional networks for images of shape (channels, height, width), or (height, width) with one channel.

An odd kernel keeps the size of the image, an even one takes a pixel off each side; pooling divides it, and what
doesn't fill a window is dropped.
"""

from __future__ import annotations

from typing import assert_never

from torch import nn

from logbook.errors import ConfigError
from logbook.training.models.layers import Named, hidden_layer, linear_layers, sequence
from logbook_schemas.config.layers import AveragePooling, MaxPooling, NoPooling, Pooling
from logbook_schemas.config.model import Cnn

__all__ = ["build_cnn"]


def build_cnn(section: Cnn, *, input_shape: tuple[int, ...], output_size: int) -> nn.Module:
    """Return the network `convolutions.0.convolution`, …, `hidden.0.linear`, …, `output`.

    Raises ConfigError where the examples are no images, or where no pixel is left after a layer.
    """
    channels, height, width = _image_shape(input_shape)
    layers = []
    for index, filters in enumerate(section.channels):
        weights: Named = (
            "convolution",
            nn.Conv2d(channels, filters, section.kernel, padding=(section.kernel - 1) // 2, bias=section.bias),
        )
        layers.append(hidden_layer(section, weights, width=filters, pooling=_pooling(section.pooling)))
        height, width = _size_after(section, index, (height, width))
        channels = filters
    return sequence(
        [
            # [N, height, width] -> [N, 1, height, width]
            ("channel", nn.Unflatten(1, (1, input_shape[0])) if len(input_shape) == 2 else None),
            ("convolutions", nn.Sequential(*layers)),
            ("flatten", nn.Flatten()),
            *linear_layers(section, inputs=channels * height * width, outputs=output_size),
        ]
    )


def _image_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    match shape:
        case (channels, height, width):
            return channels, height, width
        case (height, width):
            return 1, height, width
        case _:
            raise ConfigError(
                "model.kind is 'cnn', which needs images of shape (channels, height, width) or (height, width),"
                f" but an example of this data has shape {shape}; use model.kind 'mlp', or a source that gives images"
            )


def _pooling(kind: Pooling) -> nn.Module | None:
    match kind:
        case NoPooling():
            return None
        case MaxPooling():
            return nn.MaxPool2d(kind.size)
        case AveragePooling():
            return nn.AvgPool2d(kind.size)
        case _:
            assert_never(kind)


def _size_after(section: Cnn, index: int, size: tuple[int, int]) -> tuple[int, int]:
    """Return height and width after convolution `index` and its pooling."""
    lost = section.kernel - 1 - 2 * ((section.kernel - 1) // 2)
    after = (size[0] - lost, size[1] - lost)
    if min(after) < 1:
        raise _no_pixels_left(index, size, f"model.kernel {section.kernel}", "use an odd kernel")
    if isinstance(section.pooling, NoPooling):
        return after
    pooled = (after[0] // section.pooling.size, after[1] // section.pooling.size)
    if min(pooled) < 1:
        cause = f"model.pooling of size {section.pooling.size}"
        raise _no_pixels_left(index, after, cause, "pool less, or shorten model.channels")
    return pooled


def _no_pixels_left(index: int, size: tuple[int, int], cause: str, remedy: str) -> ConfigError:
    return ConfigError(
        f"{cause} leaves no pixels at convolution {index + 1} (model.channels.{index}),"
        f" which gets images of {size[0]} x {size[1]}; {remedy}"
    )
