"""One epoch of a training, and how a stretch of it ended. Defaults as in `measures`."""

from __future__ import annotations

from typing import Any

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.layers import LayerRecord
from logbook_schemas.records.summary import Status

__all__ = ["EmbeddingRecord", "EndRecord", "EpochRecord", "PredictionRow"]


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
    embedding: EmbeddingRecord | None = Field(None, description="of task metric-learning")
    extra: dict[str, Any] = {}


class PredictionRow(Record):
    """One validation example and what the best checkpoint says of it, in original units."""

    row: int = Field(description="in the source's own order, from 0")
    target: JsonValue = None
    prediction: JsonValue = None
    probability: float | None = None


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
    predictions: tuple[PredictionRow, ...] = ()
    nondeterministic: tuple[str, ...] = Field((), description="operations without a deterministic kernel")
    weights_hash: str | None = Field(None, description="hash of the final weights, to compare reruns")
    skipped: dict[str, str] = Field({}, description="what could not be measured or kept, and why")
