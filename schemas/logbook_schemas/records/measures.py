"""What probes measure at the five moments of a run. A record never judges; rules read records and nothing else.

Every field has a default, so that a record from elsewhere (a person's own loop, an import) may carry less, and a
rule that finds a field empty stays silent.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue

from logbook_schemas.records.base import Record
from logbook_schemas.records.provenance import FingerprintRecord

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

Status = Literal["running", "finished", "early-stopped", "diverged", "interrupted", "crashed", "failed"]


class NonFinite(Record):
    """Entries of a split that are NaN or infinite: how many, and where the first one stands."""

    split: str
    array: str = Field(description="inputs or targets")
    count: int
    kind: str = Field(description="NaN, Infinity or -Infinity: of the first one")
    row: int = Field(description="row of the first one, in the source's own order, from 0")
    column: str = Field(description="column name, or index as text")


class ArrayRecord(Record):
    """The numbers of one array, over all its finite entries and feature by feature (at most 1,000 features)."""

    dtype: str = ""
    mean: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    quantile_995: float | None = Field(None, description="99.5 % quantile of the absolute values")
    columns: tuple[str, ...] = ()
    column_means: tuple[float, ...] = ()
    column_stds: tuple[float, ...] = ()


class SplitRecord(Record):
    """One split as the run uses it. `class_counts` follow `DataRecord.classes`."""

    rows: int
    class_counts: tuple[int, ...] = ()
    fingerprint: FingerprintRecord | None = None


class SharedRows(Record):
    """Rows of one split that stand, value for value, in another."""

    split: str
    other: str
    rows: int = Field(description="rows of `split` that also stand in `other`")
    share: float = Field(description="the same as a share of the rows of `split`")
    distinct_rows: int = Field(description="distinct rows of both together: few make sharing a matter of chance")
    examples: tuple[int, ...] = Field((), description="a few of the rows, in the source's own order")


class DataRecord(Record):
    """The data of a run: what was loaded, how it was split, and what the network sees after preparation."""

    source: str = ""
    folder: str = Field("", description="the folder that relative paths were read from")
    task: str = ""
    input_shape: tuple[int, ...] = ()
    output_size: int = 0
    classes: tuple[str, ...] = ()
    splits: dict[str, SplitRecord] = {}
    fingerprint: FingerprintRecord | None = None
    raw_inputs: ArrayRecord | None = Field(None, description="training inputs as loaded")
    inputs: ArrayRecord | None = Field(None, description="training inputs as the network sees them")
    raw_targets: ArrayRecord | None = None
    targets: ArrayRecord | None = None
    nonfinite: tuple[NonFinite, ...] = ()
    shared: tuple[SharedRows, ...] = ()
    baseline: dict[str, float] = Field(
        {}, description="what the best constant prediction reaches on validation: val_loss and metrics"
    )
    baseline_name: str = Field("", description="majority class, class shares, or mean of the targets")
    metric_modes: dict[str, str] = Field({}, description="metric name to min or max")
    preparation_blob: str | None = Field(None, description="hash of the fitted scaling statistics, JSON")
    sampled: bool = Field(False, description="whether statistics are of a sample of the rows")
    notes: tuple[str, ...] = Field((), description="what a person should know of how the data were read")


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
    best_epoch: int | None = None
    best_value: float | None = None
    test_loss: float | None = None
    test_metrics: dict[str, float] = {}
    seconds: float = 0.0
    nonfinite_step: int | None = Field(None, description="optimizer step at which the loss was first not finite")
    nonfinite_epoch: int | None = None
    nonfinite_layer: str | None = Field(None, description="where replaying first met it; None where unknown")
    nonfinite_value: str | None = None
    predictions: tuple[PredictionRow, ...] = ()
    nondeterministic: tuple[str, ...] = Field((), description="operations without a deterministic kernel")
    weights_hash: str | None = Field(None, description="hash of the final weights, to compare reruns")
    skipped: dict[str, str] = {}
