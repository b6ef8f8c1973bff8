"""Augmentation: training inputs changed anew in each epoch, on their device, from a generator of its own.

Every step draws the same number of random numbers whatever they turn out to be, so that a resumed training goes on
with the numbers it would have had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import torch
from torch import Tensor

from logbook.errors import ConfigError
from logbook_schemas.config.augmentation import Augmentation, Crop, Flip, Noise, Shift

__all__ = ["augmented", "check_augmentation"]


def check_augmentation(steps: Sequence[Augmentation], shape: tuple[int, ...]) -> None:
    """Raise ConfigError where a step can't be done to examples of this shape."""
    for place, step in enumerate(steps):
        where = f"data.augment[{place}] is '{step.kind}'"
        if isinstance(step, Noise):
            continue
        if len(shape) not in (2, 3):
            raise ConfigError(
                f"{where}, which is of images of shape (channels, height, width) or (height, width), but an example of"
                f" this data has shape {shape}; of the augmentations, 'noise' is for rows of features"
            )
        reach = step.padding if isinstance(step, Crop) else step.pixels if isinstance(step, Shift) else 0
        if reach >= min(shape[-2:]):
            raise ConfigError(f"{where} by up to {reach} pixels, but an image is {shape[-2]} x {shape[-1]}")


def augmented(inputs: Tensor, steps: Sequence[Augmentation], generator: torch.Generator | None) -> Tensor:
    """Return training inputs [N, …] with the config's augmentations, each example by its own random numbers.

    These are drawn on the generator's device (else the inputs'). Images have height and width as last axes.
    """
    for step in steps:
        match step:
            case Noise():
                inputs = _with_noise(inputs, step, generator)
            case Flip():
                inputs = _flipped(inputs, step, generator)
            case Crop():
                inputs = _moved(inputs, step.padding, step.padding, step.fill, generator)
            case Shift():
                rows = 0 if step.axis == "horizontal" else step.pixels
                columns = 0 if step.axis == "vertical" else step.pixels
                inputs = _moved(inputs, rows, columns, step.fill, generator)
            case _:
                assert_never(step)
    return inputs


def _with_noise(inputs: Tensor, step: Noise, generator: torch.Generator | None) -> Tensor:
    device = inputs.device if generator is None else generator.device
    noise = torch.randn(inputs.shape, generator=generator, device=device, dtype=inputs.dtype)
    return inputs + step.std * noise.to(inputs.device, non_blocking=True)


def _flipped(inputs: Tensor, step: Flip, generator: torch.Generator | None) -> Tensor:
    device = inputs.device if generator is None else generator.device
    drawn = torch.rand(len(inputs), generator=generator, device=device) < step.probability
    is_flipped = drawn.to(inputs.device, non_blocking=True).view(-1, *[1] * (inputs.dim() - 1))
    return torch.where(is_flipped, inputs.flip(-1 if step.axis == "horizontal" else -2), inputs)


def _moved(inputs: Tensor, rows: int, columns: int, fill: float | None, generator: torch.Generator | None) -> Tensor:
    """Return images [N, …, H, W] each moved by up to `rows` and `columns` pixels, drawn evenly.

    Cutting a piece of the old size from a padded image at random is the same as moving the image.
    """
    for dim, reach in ((-2, rows), (-1, columns)):
        if reach:
            inputs = _moved_along(inputs, dim, reach, fill, generator)
    return inputs


def _moved_along(inputs: Tensor, dim: int, reach: int, fill: float | None, generator: torch.Generator | None) -> Tensor:
    device = inputs.device if generator is None else generator.device
    offsets = torch.randint(-reach, reach + 1, (len(inputs),), generator=generator, device=device)
    size = inputs.shape[dim]
    # Where each pixel of the moved image comes from, [N, size].
    origin = torch.arange(size, device=inputs.device) - offsets.to(inputs.device, non_blocking=True)[:, None]
    shape = [len(inputs), *[1] * (inputs.dim() - 1)]
    shape[dim] = size
    origin = origin.view(shape)
    moved = inputs.gather(dim, origin.clamp(0, size - 1).expand(inputs.shape))
    if fill is None:
        return moved
    return moved.masked_fill((origin < 0) | (origin >= size), fill)
