"""Residual networks: blocks of two convolutions that add to what they got.

`original` (He et al. 2015): convolution, normalization, activation, convolution, normalization; the sum; activation.
`pre-activation` (He et al. 2016): normalization, activation, convolution, twice; the sum; and one normalization and
activation after the last block. Where a block changes the shape, a convolution of 1 x 1 stands on the way of the sum
(with a normalization in `original`, behind the first activation in `pre-activation`). Dropout stands before the second
convolution (Zagoruyko and Komodakis 2016). A convolution has no bias where a normalization is configured, which brings
its own shift.
"""

from __future__ import annotations

from typing import assert_never

import torch
from torch import Tensor, nn

from logbook.errors import ConfigError
from logbook.training.models.activations import build_activation
from logbook.training.models.images import (
    Size,
    as_images,
    build_global_pooling,
    build_pooling,
    image_shape,
    pooled_size,
)
from logbook.training.models.layers import (
    Named,
    build_convolution,
    build_dropout,
    build_normalization,
    input_layers,
    linear_layers,
    sequence,
)
from logbook_schemas.config.layers import NoNormalization, NoPooling
from logbook_schemas.config.model import OriginalBlock, PreActivationBlock, ResidualCnn

__all__ = ["ResidualBlock", "build_residual_cnn", "silence_residuals"]


class ResidualBlock(nn.Module):
    """`before`, then `residual` plus `shortcut`, then `after`; [N, C, height, width] in and out.

    A shortcut with weights goes out from behind `before`, one without from the input itself.
    """

    def __init__(
        self,
        *,
        residual: nn.Sequential,
        before: nn.Sequential | None = None,
        shortcut: nn.Sequential | None = None,
        after: nn.Sequential | None = None,
    ) -> None:
        super().__init__()
        self.before, self.residual, self.shortcut, self.after = before, residual, shortcut, after

    def forward(self, inputs: Tensor) -> Tensor:
        ready = inputs if self.before is None else self.before(inputs)
        kept = inputs if self.shortcut is None else self.shortcut(ready)
        outputs: Tensor = self.residual(ready) + kept
        return outputs if self.after is None else self.after(outputs)

    def silence(self) -> None:
        """Set the last weights of the residual to 0: those of its last normalization, else of its last convolution."""
        last = list(self.residual.children())[-1]
        for parameter in last.parameters():
            parameter.zero_()


def build_residual_cnn(section: ResidualCnn, *, input_shape: tuple[int, ...], output_size: int) -> nn.Module:
    """Return the network `stem`, `stages.0.0`, …, `last`, `global_pooling`, `hidden`, `output`.

    Raises ConfigError where the examples are no images, or where no pixel is left behind the stem.
    """
    channels, height, width = image_shape(input_shape, section.kind)
    size = _size_after_stem(section, (height, width))
    stages, before = [], section.channels[0]
    for stage, filters in enumerate(section.channels):
        strides = [2 if stage and not block else 1 for block in range(_blocks(section, stage))]
        blocks = []
        for stride in strides:
            blocks.append(_block(section, before, filters, stride))
            before, size = filters, ((size[0] - 1) // stride + 1, (size[1] - 1) // stride + 1)
        stages.append(nn.Sequential(*blocks))
    global_pooling = build_global_pooling(section.global_pooling)
    inputs = before * size[0] * size[1] if global_pooling is None else before
    return sequence(
        [
            ("channel", as_images(input_shape)),
            *input_layers(section),
            ("stem", _stem(section, channels)),
            ("stages", nn.Sequential(*stages)),
            ("last", _last(section, before)),
            ("global_pooling", global_pooling),
            ("flatten", nn.Flatten() if global_pooling is None else None),
            *linear_layers(section, inputs=inputs, outputs=output_size),
        ]
    )


@torch.no_grad()
def silence_residuals(model: nn.Module) -> None:
    """Make every block add nothing, until its last weights have moved."""
    for block in model.modules():
        if isinstance(block, ResidualBlock):
            block.silence()


def _blocks(section: ResidualCnn, stage: int) -> int:
    return section.blocks if isinstance(section.blocks, int) else section.blocks[stage]


def _size_after_stem(section: ResidualCnn, size: Size) -> Size:
    around = 2 * ((section.stem_kernel - 1) // 2) - section.stem_kernel
    after = ((size[0] + around) // section.stem_stride + 1, (size[1] + around) // section.stem_stride + 1)
    if min(after) < 1:
        raise ConfigError(
            f"model.stem_kernel {section.stem_kernel} leaves no pixels of images of {size[0]} x {size[1]};"
            " use an odd kernel"
        )
    pooled = pooled_size(section.stem_pooling, after)
    if min(pooled) < 1 and not isinstance(section.stem_pooling, NoPooling):
        raise ConfigError(
            f"model.stem_pooling of size {section.stem_pooling.size} leaves no pixels of images of"
            f" {after[0]} x {after[1]}; pool less"
        )
    return pooled


def _stem(section: ResidualCnn, channels: int) -> nn.Sequential:
    """Return the first convolution; in `original` its normalization and activation follow at once."""
    first = section.channels[0]
    stages = [_convolution(section, "convolution", channels, first, section.stem_kernel, section.stem_stride)]
    if isinstance(section.block, OriginalBlock):
        stages += _ready(section, first)
    return sequence([*stages, ("pooling", build_pooling(section.stem_pooling))])


def _last(section: ResidualCnn, channels: int) -> nn.Module | None:
    """Return what follows the last block: the sum of a pre-activation block has no activation yet."""
    return None if isinstance(section.block, OriginalBlock) else _row(_ready(section, channels))


def _block(section: ResidualCnn, before: int, after: int, stride: int) -> ResidualBlock:
    changes_shape = before != after or stride > 1
    projection = [_convolution(section, "convolution", before, after, 1, stride)] if changes_shape else []
    residual: list[Named] = [
        _convolution(section, "first", before, after, section.kernel, stride),
        *_ready(section, after),
        ("dropout", build_dropout(section, of_images=True)),
        _convolution(section, "second", after, after, section.kernel, 1),
    ]
    match section.block:
        case OriginalBlock():
            return ResidualBlock(
                residual=sequence([*residual, _norm(section, after, "last_normalization")]),
                shortcut=_row([*projection, _norm(section, after, "normalization")]) if changes_shape else None,
                after=_row([("activation", build_activation(section.activation, width=after))]),
            )
        case PreActivationBlock():
            return ResidualBlock(
                before=_row(_ready(section, before)), residual=sequence(residual), shortcut=_row(projection)
            )
        case _:
            assert_never(section.block)


def _convolution(section: ResidualCnn, name: str, before: int, after: int, kernel: int, stride: int) -> Named:
    bias = section.bias and isinstance(section.normalization, NoNormalization)
    padding = (kernel - 1) // 2
    return name, build_convolution(section, before, after, kernel, bias=bias, stride=stride, padding=padding)


def _ready(section: ResidualCnn, channels: int) -> list[Named]:
    """Return normalization and activation."""
    activation: Named = ("activation", build_activation(section.activation, width=channels))
    return [_norm(section, channels, "normalization"), activation]


def _norm(section: ResidualCnn, channels: int, name: str) -> Named:
    return name, build_normalization(section.normalization, channels, of_images=True)


def _row(stages: list[Named]) -> nn.Sequential | None:
    """Return the modules in a row, or None where there are none."""
    row = sequence(stages)
    return row if len(row) else None
