"""What probes measure at the five moments of a run. A record never judges; rules read records and nothing else.

Every field has a default, so that a record from elsewhere (a person's own loop, an import) may carry less, and a
rule that finds a field empty stays silent.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.data import ArrayRecord, DataRecord, NonFinite, SharedRows, SplitRecord
from logbook_schemas.records.summary import Status

__all__ = [
    "ArrayRecord",
    "DataRecord",
    "EndRecord",
    "EpochRecord",
    "LayerRecord",
    "NonFinite",
    "PredictionRow",
    "SharedRows",
    "SplitRecord",
    "StartRecord",
    "Status",
]


class LayerRecord(Record):
    """One layer at one moment. `name` is its path in the module tree; norms are 2-norms over the layer."""

    name: str
    kind: str = ""
    parameters: int = 0
    weight_norm: float | None = None
    weight_std: float | None = None
    gradient_norm: float | None = None
    gradient_zero_share: float | None = None
    update_ratio: float | None = Field(None, description="norm of one step's update over norm of the weights")
    activation_mean: float | None = None
    activation_std: float | None = None
    zero_share: float | None = Field(None, description="share of outputs that are exactly 0")
    dead_share: float | None = Field(None, description="share of units that are 0 on every probe row")


class StartRecord(Record):
    """The untrained model on one fixed, shuffled probe batch, in evaluation mode, regularization apart."""

    parameters: int = 0
    trainable: int = 0
    probe_rows: int = 0
    initial_loss: float | None = None
    expected_loss: float | None = Field(None, description="ln(C) for C classes under cross-entropy")
    output_shape: tuple[int, ...] = ()
    outputs: ArrayRecord | None = None
    outputs_sum_to_one: bool | None = Field(None, description="rows of outputs in [0, 1] that sum to 1")
    no_gradient: tuple[str, ...] = Field((), description="trainable parameters whose gradient is None or all 0")
    not_optimized: tuple[str, ...] = Field((), description="trainable parameters the optimizer doesn't hold")
    layers: tuple[LayerRecord, ...] = ()
    skipped: dict[str, str] = Field({}, description="probes that could not run, and why")


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
