"""What training minimizes and what is reported beside it: loss, metrics, the monitored metric, regularization."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from logbook_schemas.config.base import PythonTarget, Section, setting, shorthand

__all__ = ["Loss", "Metric", "Monitor", "Regularization", "Task", "default_loss", "default_metrics"]

Task = Literal["classification", "binary", "multilabel", "regression"]


class CrossEntropy(Section):
    """Softmax and negative log-likelihood in one: wants raw outputs (logits) and class indices."""

    kind: Literal["cross-entropy"] = "cross-entropy"
    label_smoothing: float = setting(0.0, about="Share of the target spread over all classes.", ge=0, lt=1, neutral=0.0)


class Nll(Section):
    """Negative log-likelihood: wants log-probabilities (output_activation log-softmax)."""

    kind: Literal["nll"] = "nll"


class Bce(Section):
    """Binary cross-entropy: wants probabilities (output_activation sigmoid)."""

    kind: Literal["bce"] = "bce"


class BceWithLogits(Section):
    """Sigmoid and binary cross-entropy in one: wants raw outputs (logits)."""

    kind: Literal["bce-with-logits"] = "bce-with-logits"


class Mse(Section):
    """Mean squared error."""

    kind: Literal["mse"] = "mse"


class L1(Section):
    """Mean absolute error."""

    kind: Literal["l1"] = "l1"


class Huber(Section):
    """Squared near zero, absolute beyond `delta`."""

    kind: Literal["huber"] = "huber"
    delta: float = setting(1.0, about="Where squared turns absolute.", gt=0)


class PythonLoss(PythonTarget):
    """The person's own loss: a callable that returns `(outputs, targets) -> scalar tensor`."""

    kind: Literal["python"] = "python"


Loss = Annotated[
    CrossEntropy | Nll | Bce | BceWithLogits | Mse | L1 | Huber | PythonLoss,
    Field(discriminator="kind"),
    shorthand(),
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


class PythonMetric(PythonTarget):
    """The person's own metric: a callable that returns `(outputs, targets) -> number`, higher is better
    unless it says `mode = "min"`."""

    kind: Literal["python"] = "python"


Metric = Annotated[
    Accuracy | BalancedAccuracy | Mae | Rmse | R2 | PythonMetric, Field(discriminator="kind"), shorthand()
]

LOWER_IS_BETTER = frozenset({"train_loss", "val_loss", "train_loss_eval", "mae", "rmse"})


class Monitor(Section):
    """The one number by which epochs and runs are ranked: early stopping, best checkpoint, `best`, compare."""

    metric: str = setting(
        "val_loss", about="val_loss, train_loss, or the name of a metric.", min_length=1, max_length=100
    )
    mode: Literal["min", "max"] = setting(
        "min", about="Whether lower or higher is better; by default as the metric has it."
    )

    @model_validator(mode="before")
    @classmethod
    def _mode_follows_the_metric(cls, value: Any) -> Any:
        if isinstance(value, dict) and "mode" not in value:
            metric = value.get("metric", "val_loss")
            return {**value, "mode": "min" if metric in LOWER_IS_BETTER else "max"}
        return value


class Regularization(Section):
    """Penalties on the weights as terms of the loss, reported apart from the data term."""

    l1: float = setting(0.0, about="Factor on the sum of absolute weights.", ge=0, neutral=0.0)
    l2: float = setting(0.0, about="Factor on half the sum of squared weights.", ge=0, neutral=0.0, source="S1-25")


_LOSS_FOR = {
    "classification": "cross-entropy",
    "binary": "bce-with-logits",
    "multilabel": "bce-with-logits",
    "regression": "mse",
}


def default_loss(task: object) -> dict[str, str]:
    """Return the loss of a task that names none (S1-21, S0-36, S1-22)."""
    return {"kind": _LOSS_FOR.get(str(task), "cross-entropy")}


def default_metrics(task: object) -> list[dict[str, str]]:
    """Return the metrics of a task that names none: in units that a person can judge (S0-11)."""
    return [{"kind": "mae"}] if task == "regression" else [{"kind": "accuracy"}]
