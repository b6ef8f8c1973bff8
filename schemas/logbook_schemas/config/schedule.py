"""How the learning rate changes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import Many, Section, setting, shorthand

__all__ = [
    "Constant",
    "Cosine",
    "FinalDrop",
    "Geometric",
    "InverseTime",
    "MultiStep",
    "OneCycle",
    "Plateau",
    "Schedule",
    "Step",
]


class _Schedule(Section):
    warmup: int = setting(
        0, about="Steps over which the rate first rises linearly from 0.", ge=0, unit="steps", neutral=0
    )


class Constant(_Schedule):
    kind: Literal["constant"] = "constant"


class Step(_Schedule):
    """Multiply the rate by `gamma` every `step_size` epochs."""

    kind: Literal["step"] = "step"
    step_size: int = setting(about="Epochs between two drops.", ge=1, unit="epochs")
    gamma: float = setting(0.1, about="Factor of a drop.", gt=0)


class MultiStep(_Schedule):
    """Multiply the rate by `gamma` at each of some steps, or epochs: 2000 and 5000, say."""

    kind: Literal["multi-step"] = "multi-step"
    milestones: Many[Annotated[int, Field(ge=1)]] = setting(
        about="Steps (or epochs) done before each drop, rising.", min_length=1, source="S2-35"
    )
    by: Literal["steps", "epochs"] = setting("steps", about="What the milestones count.")
    gamma: float = setting(0.1, about="Factor of a drop.", gt=0)

    @model_validator(mode="after")
    def _milestones_rise(self) -> MultiStep:
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError(f"milestones must rise, found {list(self.milestones)}")
        return self


class InverseTime(_Schedule):
    """Divide the rate by 1 + `decay` · t, where t counts the steps."""

    kind: Literal["inverse-time"] = "inverse-time"
    decay: float = setting(about="After 1 / decay steps the rate has halved.", gt=0)


class Geometric(_Schedule):
    """Multiply the rate by `gamma` every step."""

    kind: Literal["geometric"] = "geometric"
    gamma: float = setting(about="Factor a step; 0.9995 is already quick.", gt=0, source="S2-36")


class Cosine(_Schedule):
    """Fall along half a cosine to `final` times the rate at the last step."""

    kind: Literal["cosine"] = "cosine"
    final: float = setting(0.0, about="Share of the rate that is left at the end.", ge=0, le=1)


class OneCycle(_Schedule):
    """Rise to the rate over `rise` of the steps, then fall to almost nothing."""

    kind: Literal["one-cycle"] = "one-cycle"
    rise: float = setting(0.3, about="Share of the steps spent rising.", gt=0, lt=1)
    start: float = setting(0.04, about="Share of the rate at the first step.", gt=0, le=1)
    end: float = setting(
        1e-4,
        about="Rate of the last step, as a share of the first step's (Smith and Topin 2017).",
        gt=0,
        le=1,
        neutral=1e-4,
    )


class Plateau(_Schedule):
    """Multiply the rate by `gamma` when the monitored metric hasn't improved for `patience` epochs."""

    kind: Literal["plateau"] = "plateau"
    patience: int = setting(5, about="Epochs without improvement before a drop.", ge=0, unit="epochs")
    gamma: float = setting(0.1, about="Factor of a drop.", gt=0, lt=1)
    min_delta: float = setting(0.0, about="What counts as an improvement.", ge=0, neutral=0.0)
    cooldown: int = setting(0, about="Epochs after a drop that aren't counted.", ge=0, unit="epochs", neutral=0)
    min_lr: float = setting(0.0, about="The rate falls no further.", ge=0, neutral=0.0)


class FinalDrop(_Schedule):
    """Multiply the rate by `gamma` once, near the end."""

    kind: Literal["final-drop"] = "final-drop"
    at: float = setting(0.8, about="Share of the epochs after which the rate drops.", gt=0, lt=1, source="S2-39")
    gamma: float = setting(0.1, about="Factor of the drop.", gt=0)


Schedule = Annotated[
    Constant | Step | MultiStep | InverseTime | Geometric | Cosine | OneCycle | Plateau | FinalDrop,
    Field(discriminator="kind"),
    shorthand("constant"),
]
