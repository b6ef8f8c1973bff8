"""What training minimizes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from logbook_schemas.config.base import Many, PythonTarget, Section, setting, shorthand

__all__ = [
    "L1",
    "Bce",
    "BceWithLogits",
    "ClassWeights",
    "CrossEntropy",
    "Huber",
    "Loss",
    "Mse",
    "Nll",
    "PythonLoss",
]


_Weight = Annotated[float, Field(gt=0)]

ClassWeights = (
    Literal["balanced"]
    | Annotated[Many[_Weight], Field(min_length=2)]
    | Annotated[dict[str, _Weight], Field(min_length=1)]
)
"""One weight a class, in the order of the classes or by name; `balanced` is N / (classes · examples of the class)."""


class _Weighted(Section):
    class_weights: ClassWeights | None = setting(
        None,
        about="How much an example counts, by its class: a list, an object by class name, or 'balanced', from the"
        " training split; train and validation loss are then weighted means.",
        neutral=None,
        source="S3-08",
    )


class CrossEntropy(_Weighted):
    """Softmax and negative log-likelihood in one: wants raw outputs (logits) and class indices."""

    kind: Literal["cross-entropy"] = "cross-entropy"
    label_smoothing: float = setting(0.0, about="Share of the target spread over all classes.", ge=0, lt=1, neutral=0.0)


class Nll(_Weighted):
    """Negative log-likelihood: wants log-probabilities (output_activation log-softmax)."""

    kind: Literal["nll"] = "nll"


class Bce(Section):
    """Binary cross-entropy: wants probabilities (output_activation sigmoid)."""

    kind: Literal["bce"] = "bce"


class BceWithLogits(Section):
    """Sigmoid and binary cross-entropy in one: wants raw outputs (logits)."""

    kind: Literal["bce-with-logits"] = "bce-with-logits"
    pos_weight: Literal["balanced"] | _Weight | Annotated[Many[_Weight], Field(min_length=1)] = setting(
        1.0,
        about="How much a positive example counts against a negative one; a list has one a label, 'balanced' is"
        " negatives / positives in the training split.",
        neutral=1.0,
        source="S3-08",
    )


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
