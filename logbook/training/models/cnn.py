"""Convolutional networks for images of shape (channels, height, width), or (height, width) with one channel.

With padding an odd kernel of stride 1 keeps the size of the image and an even one takes a pixel off each side; pooling
divides it, and what doesn't fill a window is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from torch import nn

from logbook.errors import ConfigError
from logbook.training.models.images import (
    Size,
    as_images,
    build_global_pooling,
    build_pooling,
    image_shape,
    pooled_size,
)
from logbook.training.models.layers import build_convolution, hidden_layer, input_layers, linear_layers, sequence
from logbook_schemas.config.layers import NoPooling, Pooling
from logbook_schemas.config.model import Cnn

__all__ = ["build_cnn"]

_MODES: Final = {
    "zero": "zeros",
    "none": "zeros",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}
"""What torch calls the paddings."""


@dataclass(frozen=True)
class _Convolution:
    """One convolution as the config has it; `index` from 0."""

    index: int
    filters: int
    kernel: int
    stride: int
    padding: int
    mode: str
    pooling: Pooling


def build_cnn(section: Cnn, *, input_shape: tuple[int, ...], output_size: int) -> nn.Module:
    """Return the network `convolutions.0.convolution`, …, `hidden.0.linear`, …, `output`.

    Raises ConfigError where the examples are no images, or where no pixel is left after a layer.
    """
    channels, *size = image_shape(input_shape, section.kind)
    layers, (height, width) = [], (size[0], size[1])
    for one in _convolutions(section):
        weights = build_convolution(
            section,
            channels,
            one.filters,
            one.kernel,
            bias=section.bias,
            stride=one.stride,
            padding=one.padding,
            padding_mode=_MODES[one.mode],
        )
        pooling = build_pooling(one.pooling)
        layers.append(hidden_layer(section, ("convolution", weights), width=one.filters, pooling=pooling))
        height, width = _size_after(one, (height, width))
        channels = one.filters
    global_pooling = build_global_pooling(section.global_pooling)
    return sequence(
        [
            ("channel", as_images(input_shape)),
            *input_layers(section),
            ("convolutions", nn.Sequential(*layers)),
            ("global_pooling", global_pooling),
            ("flatten", nn.Flatten() if global_pooling is None else None),
            *linear_layers(
                section,
                inputs=channels * height * width if global_pooling is None else channels,
                outputs=output_size,
            ),
        ]
    )


def _convolutions(section: Cnn) -> Iterator[_Convolution]:
    for index, filters in enumerate(section.channels):
        kernel = section.kernel if isinstance(section.kernel, int) else section.kernel[index]
        yield _Convolution(
            index=index,
            filters=filters,
            kernel=kernel,
            stride=section.stride if isinstance(section.stride, int) else section.stride[index],
            padding=0 if section.padding.kind == "none" else (kernel - 1) // 2,
            mode=section.padding.kind,
            pooling=section.pooling[index] if isinstance(section.pooling, tuple) else section.pooling,
        )


def _size_after(one: _Convolution, size: Size) -> Size:
    """Return height and width after a convolution and its pooling."""
    _refuse_padding_beyond(one, size)
    filled = (size[0] + 2 * one.padding - one.kernel, size[1] + 2 * one.padding - one.kernel)
    if min(filled) < 0:
        remedy = "take a smaller kernel, or padding 'zero'" if one.mode == "none" else "use an odd kernel"
        raise _no_pixels_left(one, size, f"model.kernel {one.kernel}", remedy)
    after = (filled[0] // one.stride + 1, filled[1] // one.stride + 1)
    pooled = pooled_size(one.pooling, after)
    if min(pooled) < 1 and not isinstance(one.pooling, NoPooling):
        cause = f"model.pooling of size {one.pooling.size}"
        raise _no_pixels_left(one, after, cause, "pool less, or shorten model.channels")
    return pooled


def _refuse_padding_beyond(one: _Convolution, size: Size) -> None:
    """Raise ConfigError where an edge is to be filled with more pixels than the image has."""
    most = {"reflect": min(size) - 1, "circular": min(size)}.get(one.mode)
    if most is not None and one.padding > most:
        raise ConfigError(
            f"model.padding '{one.mode}' needs {one.padding} pixels beyond each edge for model.kernel {one.kernel} at"
            f" convolution {one.index + 1} (model.channels.{one.index}), which gets images of {size[0]} x {size[1]};"
            " take padding 'zero', or a smaller kernel"
        )


def _no_pixels_left(one: _Convolution, size: Size, cause: str, remedy: str) -> ConfigError:
    return ConfigError(
        f"{cause} leaves no pixels at convolution {one.index + 1} (model.channels.{one.index}),"
        f" which gets images of {size[0]} x {size[1]}; {remedy}"
    )
