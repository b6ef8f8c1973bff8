"""What is done to gradients before the optimizer takes its step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Section, setting, shorthand

__all__ = [
    "Clip",
    "ClipNorm",
    "ClipValue",
    "Gradients",
    "NoClip",
]


class NoClip(Section):
    kind: Literal["none"] = "none"


class ClipNorm(Section):
    """Scale the gradient down where its norm over all weights exceeds `max_norm`."""

    kind: Literal["norm"] = "norm"
    max_norm: float = setting(1.0, about="Largest norm that passes.", gt=0)


class ClipValue(Section):
    """Clamp each entry of the gradient to ± `max_value`."""

    kind: Literal["value"] = "value"
    max_value: float = setting(1.0, about="Largest entry that passes.", gt=0)


Clip = Annotated[NoClip | ClipNorm | ClipValue, Field(discriminator="kind"), shorthand()]


class Gradients(Section):
    """What is done to gradients before the optimizer takes its step."""

    clip: Clip = setting(NoClip(), about="Clipping of the gradient.", neutral={"kind": "none"})
