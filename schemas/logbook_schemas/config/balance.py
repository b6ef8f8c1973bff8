"""What is done about classes of unequal size, in the training split alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = ["Balance", "ClassWeights", "NoBalance", "Oversample", "Undersample"]

_RATIO = "How many times the rows of the smallest class the largest may have afterwards."
_SEED = "Seed of the draw, apart from the seed of the run: the same rows train in every epoch and every replicate."


class NoBalance(Section):
    """Classes as they come."""

    kind: Literal["none"] = "none"


class Undersample(Section):
    """Leave out training rows of the larger classes, drawn once."""

    kind: Literal["undersample"] = "undersample"
    ratio: float = setting(1.0, about=_RATIO, ge=1, source="S3-09")
    seed: int = setting(0, about=_SEED, ge=0, le=2**32 - 1)


class Oversample(Section):
    """Repeat training rows of the smaller classes: each as often as the others, give or take one, drawn once."""

    kind: Literal["oversample"] = "oversample"
    ratio: float = setting(1.0, about=_RATIO, ge=1, source="S3-10")
    seed: int = setting(0, about=_SEED, ge=0, le=2**32 - 1)


class ClassWeights(Section):
    """Weigh each example in the loss by rows / (classes · rows of its class), counted in the training split.

    The loss of a batch, and that of validation, is the weighted mean over its examples.
    """

    kind: Literal["class-weights"] = "class-weights"


Balance = Annotated[NoBalance | Undersample | Oversample | ClassWeights, Field(discriminator="kind"), shorthand()]
