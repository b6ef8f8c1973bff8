"""What is reported beside the losses, and the one number by which epochs and runs are ranked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import PythonTarget, Section, setting, shorthand

__all__ = [
    "LOWER_IS_BETTER",
    "R2",
    "Accuracy",
    "BalancedAccuracy",
    "BitsPerCharacter",
    "Mae",
    "Metric",
    "Monitor",
    "NearestNeighbourAccuracy",
    "Perplexity",
    "PythonMetric",
    "Rmse",
    "direction",
]


class Accuracy(Section):
    """Share of examples whose most probable class is the right one."""

    kind: Literal["accuracy"] = "accuracy"


class BalancedAccuracy(Section):
    """Mean of the classes' recalls."""

    kind: Literal["balanced-accuracy"] = "balanced-accuracy"


class Mae(Section):
    """Mean absolute error in the target's original units."""

    kind: Literal["mae"] = "mae"


class Rmse(Section):
    """Root of the mean squared error in the target's original units."""

    kind: Literal["rmse"] = "rmse"


class R2(Section):
    """Share of the target's variance that is explained."""

    kind: Literal["r2"] = "r2"


class NearestNeighbourAccuracy(Section):
    """Share of examples whose nearest neighbour in their split is of their class (recall at 1), by the loss's distance.

    Examples that are alone of their class in the split are left out.
    """

    kind: Literal["nearest-neighbour-accuracy"] = "nearest-neighbour-accuracy"


class Perplexity(Section):
    """Among how many equally probable tokens the network chooses, so to speak: e to the mean cross-entropy."""

    kind: Literal["perplexity"] = "perplexity"


class BitsPerCharacter(Section):
    """Mean cross-entropy of a token in bits; the token is a character or a byte, as the data have it."""

    kind: Literal["bits-per-character"] = "bits-per-character"


class PythonMetric(PythonTarget):
    """The person's own metric: a callable that returns `(outputs, targets) -> number`, higher is better
    unless it says `mode = "min"`."""

    kind: Literal["python"] = "python"


Metric = Annotated[
    Accuracy
    | BalancedAccuracy
    | Mae
    | Rmse
    | R2
    | NearestNeighbourAccuracy
    | Perplexity
    | BitsPerCharacter
    | PythonMetric,
    Field(discriminator="kind"),
    shorthand(),
]


LOWER_IS_BETTER = frozenset(
    {"train_loss", "val_loss", "train_loss_eval", "mae", "rmse", "perplexity", "bits-per-character"}
)


def direction(name: str, modes: Mapping[str, str] | None = None) -> Literal["min", "max"]:
    """Return which way a number is better: as it was recorded in `modes`, else as it is usual for its name."""
    said = modes.get(name) if modes else None
    if said is None:
        return "min" if name in LOWER_IS_BETTER else "max"
    return "min" if said == "min" else "max"


class Monitor(Section):
    """The one number by which epochs and runs are ranked: early stopping, best checkpoint, `best`, compare."""

    metric: str = setting(
        "val_loss", about="val_loss, train_loss, or the name of a metric.", min_length=1, max_length=100
    )
    mode: Literal["min", "max"] = setting(
        "min", about="Whether lower or higher is better.", follows="as the metric has it"
    )

    @model_validator(mode="before")
    @classmethod
    def _mode_follows_the_metric(cls, value: Any) -> Any:
        if isinstance(value, dict) and "mode" not in value:
            metric = value.get("metric", "val_loss")
            return {**value, "mode": direction(metric) if isinstance(metric, str) else "max"}
        return value
