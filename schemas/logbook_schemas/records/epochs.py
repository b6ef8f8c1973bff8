"""One epoch of a training, and how a stretch of it ended. Defaults as in `measures`."""

from __future__ import annotations

from typing import Any

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.images import ImagesRecord
from logbook_schemas.records.layers import LayerRecord
from logbook_schemas.records.summary import Status

__all__ = [
    "EmbeddingRecord",
    "EndRecord",
    "EpochRecord",
    "ExtremeRow",
    "OutputRecord",
    "PredictionRow",
    "VerbatimRecord",
]


class EmbeddingRecord(Record):
    """Distances of embeddings on the fixed training subsample, by the loss's own distance."""

    active_triplets: float | None = Field(None, description="share of triplets that the margin isn't kept by")
    positive_distance: float | None = Field(None, description="mean distance of two examples of one class")
    negative_distance: float | None = Field(None, description="mean distance of two examples of different classes")


class EpochRecord(Record):
    """One epoch. `train_loss` is the mean over the epoch as trained: data term; the penalty stands apart."""

    phase: str = "train"
    epoch: int = Field(description="from 1")
    steps: int = Field(0, description="optimizer steps since the run began")
    train_loss: float | None = None
    train_regularization: float | None = None
    train_loss_eval: float | None = Field(None, description="fixed training subsample in evaluation mode")
    train_metrics: dict[str, float] = Field({}, description="our own metrics, on the same rows in the same mode")
    first_step_loss: float | None = Field(None, description="of the epoch's first step, penalty apart")
    largest_step_loss: float | None = Field(None, description="largest finite loss of a step of this epoch")
    step_fluctuation: float | None = Field(
        None, description="standard deviation of the changes of the loss from step to step, over its mean size"
    )
    step_rising: float | None = Field(None, description="share of the steps at which the loss was above the last one's")
    update_ratio: float | None = Field(
        None,
        description="norm of an update over the norm of the weights, all layers together: median over the steps"
        " before a value that isn't finite; None in any other epoch (its `layers` say more)",
    )
    row_loss_ratio: float | None = Field(
        None, description="largest loss of a training row over the median, before an epoch that broke off"
    )
    val_loss: float | None = None
    metrics: dict[str, float] = Field({}, description="on the validation split, in original units")
    lr: float | None = Field(None, description="at the epoch's last step")
    seconds: float = 0.0
    predicted_counts: tuple[int, ...] = Field((), description="validation predictions by class")
    class_recall: tuple[float | None, ...] = Field((), description="by class; None where it has no examples")
    clip_share: float | None = Field(None, description="share of the steps at which clipping was active")
    gradient_norm: float | None = Field(None, description="median over the epoch's steps, before clipping")
    layers: tuple[LayerRecord, ...] = ()
    unchanged: tuple[str, ...] = Field(
        (), description="parameters that no sampled step changed by a bit, although each had a gradient"
    )
    kept_gradients: bool = Field(False, description="gradients of the step before were there when a step began")
    embedding: EmbeddingRecord | None = Field(None, description="of task metric-learning")
    extra: dict[str, Any] = {}


class PredictionRow(Record):
    """One validation example and what the best checkpoint says of it, in original units."""

    row: int = Field(description="in the source's own order, from 0")
    target: JsonValue = None
    prediction: JsonValue = None
    probability: float | None = None


class ExtremeRow(Record):
    """A training row that stands out where the losses were lost: by its loss before that, or by its inputs."""

    row: int = Field(description="row in the source's own order, from 0")
    loss: float | None = Field(
        None, description="its loss with the last weights known to be finite; None where it has none"
    )
    largest_input: float | None = Field(None, description="its largest absolute input, as the network sees it")
    largest_target: float | None = Field(None, description="its largest absolute target, as the loss sees it")


class OutputRecord(Record):
    """One output of a regression on the validation split, with the best weights, in original units."""

    name: str
    prediction_mean: float
    prediction_std: float
    target_mean: float
    target_std: float
    correlation: float | None = Field(None, description="of predictions with targets; None where one is constant")
    loss_share: float | None = Field(None, description="this output's share of the loss; None where it isn't a sum")


class VerbatimRecord(Record):
    """What a language model wrote, from the beginnings of validation rows, and how much of it it had read."""

    prompts: int
    prompt_tokens: int
    generated: int = Field(description="tokens written for each prompt")
    longest: int = Field(description="tokens of the longest stretch that stands word for word in the training text")
    natural: int = Field(0, description="the same of as many tokens of the validation text itself")
    text: str = Field("", description="that stretch")


class EndRecord(Record):
    """How a stretch of training ended."""

    status: Status
    reason: str = Field("", description="what ended it, where that wasn't its last epoch")
    best_epoch: int | None = None
    best_value: float | None = None
    test_loss: float | None = None
    test_metrics: dict[str, float] = {}
    seconds: float = 0.0
    nonfinite_what: str = Field(
        "loss", description="what was first not finite: loss, gradient, weights or validation loss"
    )
    nonfinite_step: int | None = Field(None, description="optimizer step, from 1, at which it was first not finite")
    nonfinite_epoch: int | None = None
    nonfinite_layer: str | None = Field(None, description="where replaying first met it; None where unknown")
    nonfinite_value: str | None = None
    extreme_rows: tuple[ExtremeRow, ...] = Field(
        (), description="training rows that stand out, where the losses became not finite"
    )
    typical_loss: float | None = Field(None, description="median loss of a training row, beside `extreme_rows`")
    typical_input: float | None = Field(None, description="median over rows of the largest absolute input, likewise")
    loss_train_mode: float | None = Field(
        None, description="of the last weights on the fixed training subsample, in training mode, batch by batch"
    )
    loss_eval_mode: float | None = Field(None, description="the same rows and weights in evaluation mode")
    outputs: tuple[OutputRecord, ...] = ()
    verbatim: VerbatimRecord | None = None
    predictions: tuple[PredictionRow, ...] = ()
    images: ImagesRecord | None = Field(None, description="validation examples, where they are images")
    nondeterministic: tuple[str, ...] = Field((), description="operations without a deterministic kernel")
    weights_hash: str | None = Field(None, description="hash of the final weights, to compare reruns")
    checkpoints: dict[str, str] = Field(
        {}, description="SHA-256 of the files of its checkpoints, `best` and `last`, when it ended"
    )
    skipped: dict[str, str] = Field({}, description="what could not be measured or kept, and why")
