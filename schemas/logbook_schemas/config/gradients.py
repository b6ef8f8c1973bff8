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
    "NoRenormalization",
    "Renormalization",
    "RenormalizeLayer",
    "RenormalizeParameter",
]


class NoClip(Section):
    kind: Literal["none"] = "none"


class ClipNorm(Section):
    """Scale the gradient down where its norm exceeds `max_norm`: the norm over all weights, or over each part."""

    kind: Literal["norm"] = "norm"
    max_norm: float = setting(1.0, about="Largest norm that passes.", gt=0, source="S1-37, S4-35")
    per: Literal["all", "layer", "parameter"] = setting(
        "all",
        about="What has a norm of its own: all weights together, each layer, or each of its weights and biases.",
        neutral="all",
        source="S1-37",
    )


class ClipValue(Section):
    """Clamp each entry of the gradient to ± `max_value`."""

    kind: Literal["value"] = "value"
    max_value: float = setting(1.0, about="Largest entry that passes.", gt=0)


Clip = Annotated[NoClip | ClipNorm | ClipValue, Field(discriminator="kind"), shorthand()]


class NoRenormalization(Section):
    kind: Literal["none"] = "none"


class RenormalizeLayer(Section):
    """Divide the gradient of each layer by its norm."""

    kind: Literal["layer"] = "layer"


class RenormalizeParameter(Section):
    """Divide the gradient of each parameter of a layer (its weights, its biases) by its own norm."""

    kind: Literal["parameter"] = "parameter"


Renormalization = Annotated[
    NoRenormalization | RenormalizeLayer | RenormalizeParameter, Field(discriminator="kind"), shorthand()
]


class Gradients(Section):
    """What is done to gradients before the optimizer takes its step, in this order: summed, renormalized, clipped."""

    clip: Clip = setting(NoClip(), about="Clipping of the gradient.", neutral={"kind": "none"})
    renormalize: Renormalization = setting(
        NoRenormalization(),
        about="Make every gradient as long as any other: only its direction is left.",
        neutral={"kind": "none"},
        source="S1-37",
    )
    accumulation: int = setting(
        1,
        about="Batches whose gradients are averaged, by their examples, for one step; an epoch's last step may have"
        " fewer.",
        ge=1,
        le=100_000,
        unit="batches",
        neutral=1,
        source="S1-17",
    )
