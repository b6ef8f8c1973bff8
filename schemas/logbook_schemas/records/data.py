"""The data of a run: what was loaded, how it was split, and its numbers. Defaults as in `measures`."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.provenance import FingerprintRecord
from logbook_schemas.records.rows import LabelDrift, LabelOrder, NearRows, PaddingRecord, RepeatedRows, SignalRecord

__all__ = [
    "ArrayRecord",
    "DataRecord",
    "NonFinite",
    "SharedRows",
    "SplitRecord",
]


class NonFinite(Record):
    """Entries of a split that are NaN or infinite: how many, and where the first one stands."""

    split: str
    array: str = Field(description="inputs or targets")
    count: int
    kind: str = Field(description="NaN, Infinity or -Infinity: of the first one")
    row: int = Field(description="row of the first one, in the source's own order, from 0")
    column: str = Field(description="column name, or index as text")
    line: int | None = Field(
        None, description="line of the source's file on which that row ends, from 1; None elsewhere"
    )


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
    chance_share: float = Field(
        0.0, description="share to be expected by chance, were columns of few values drawn apart from each other"
    )
    examples: tuple[int, ...] = Field((), description="a few of the rows, in the source's own order")
    lines: tuple[int, ...] = Field((), description="the lines of the source's file on which these rows end, from 1")


class DataRecord(Record):
    """The data of a run: what was loaded, how it was split, and what the network sees after preparation."""

    source: str = ""
    folder: str = Field("", description="the folder that relative paths were read from")
    task: str = ""
    input_shape: tuple[int, ...] = ()
    output_size: int = 0
    classes: tuple[str, ...] = ()
    categories: dict[str, tuple[str, ...]] = Field(
        {}, description="by column of the source that is one-hot: its categories, in the order of the inputs"
    )
    splits: dict[str, SplitRecord] = {}
    fingerprint: FingerprintRecord | None = None
    raw_inputs: ArrayRecord | None = Field(None, description="training inputs as loaded")
    inputs: ArrayRecord | None = Field(None, description="training inputs as the network sees them")
    raw_targets: ArrayRecord | None = None
    targets: ArrayRecord | None = None
    target_values: tuple[int, ...] = Field(
        (),
        description="the values of the training targets in ascending order, where they are numbers, all whole, and"
        " at most 100; empty elsewhere",
    )
    nonfinite: tuple[NonFinite, ...] = ()
    shared: tuple[SharedRows, ...] = ()
    repeated: tuple[RepeatedRows, ...] = ()
    near: tuple[NearRows, ...] = ()
    signal: SignalRecord | None = Field(None, description="what the inputs say of the labels")
    label_order: LabelOrder | None = None
    label_drift: tuple[LabelDrift, ...] = ()
    padding: PaddingRecord | None = None
    skipped: dict[str, str] = Field({}, description="by probe of the rows that wasn't made: why")
    baseline: dict[str, float] = Field(
        {}, description="what the best constant prediction reaches on validation: val_loss and metrics"
    )
    baseline_name: str = Field("", description="majority class, class shares, or mean of the targets")
    metric_modes: dict[str, str] = Field({}, description="metric name to min or max")
    preparation_blob: str | None = Field(None, description="hash of the fitted scaling statistics, JSON")
    sampled: bool = Field(False, description="whether statistics are of a sample of the rows")
    notes: tuple[str, ...] = Field((), description="what a person should know of how the data were read")
