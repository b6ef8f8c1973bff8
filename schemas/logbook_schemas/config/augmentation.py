"""Changes to the training inputs, drawn anew for each example in each epoch; no other split is changed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = ["Augmentation", "Crop", "Flip", "Noise", "Shift"]

_FILL = (
    "What stands where the image was moved away, in prepared units (0 is the mean of standardized inputs);"
    " null repeats the pixel at the edge."
)


class Noise(Section):
    """Add Gaussian noise to each training input, anew in each epoch."""

    kind: Literal["noise"] = "noise"
    std: float = setting(0.1, about="Standard deviation of the noise, in prepared units.", gt=0)


class Flip(Section):
    """Mirror an image, with a probability."""

    kind: Literal["flip"] = "flip"
    axis: Literal["horizontal", "vertical"] = setting(
        "horizontal", about="horizontal swaps left and right, vertical top and bottom."
    )
    probability: float = setting(0.5, about="Probability that an example is mirrored.", gt=0, le=1)


class Crop(Section):
    """Pad an image on all sides, and cut a piece of its old size out at random."""

    kind: Literal["crop"] = "crop"
    padding: int = setting(4, about="Pixels added on each side.", ge=1, le=10_000, unit="pixels")
    fill: float | None = setting(0.0, about=_FILL)


class Shift(Section):
    """Move an image up to some pixels along one axis or both."""

    kind: Literal["shift"] = "shift"
    pixels: int = setting(2, about="Furthest way in each direction.", ge=1, le=10_000, unit="pixels")
    axis: Literal["horizontal", "vertical", "both"] = setting("both", about="Along which axis.")
    fill: float | None = setting(0.0, about=_FILL)


Augmentation = Annotated[Noise | Flip | Crop | Shift, Field(discriminator="kind"), shorthand()]
