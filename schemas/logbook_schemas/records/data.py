"""The data of a run: what was loaded, how it was split, and its numbers. Defaults as in `measures`."""

from __future__ import annotations

from pydantic import Field

from logbook_schemas.records.base import Record
from logbook_schemas.records.provenance import FingerprintRecord
from logbook_schemas.records.rows import (
    LabelDrift,
    LabelOrder,
    NearRows,
    PaddingRecord,
    RepeatedRows,
    RowScalingRecord,
    SignalRecord,
    TellingColumn,
)

__all__ = [
    "ArrayRecord",
    "ColumnRecord",
    "DataRecord",
    "NonFinite",
    "SharedRows",
    "ShiftRecord",
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
    column_mins: tuple[float, ...] = ()
    column_maxs: tuple[float, ...] = ()


class ColumnRecord(Record):
    """How the values of one feature, or of one target, are distributed in the training split.

    What is told of its values (`distinct`, `counts`, …) is of the column as loaded; the shape of the distribution
    (`skew`, the outliers) is of the column after preparation. Shares are of the finite values looked at.
    """

    name: str
    rows: int = Field(0, description="finite values that were looked at: of a sample where there are many")
    min: float = 0.0
    max: float = 0.0
    is_whole: bool = Field(False, description="whether every value is a whole number")
    distinct: int = 0
    counts: tuple[int, ...] = Field(
        (), description="of whole numbers of at most 50 different values: rows of each, in ascending order"
    )
    most_common: float = Field(0.0, description="share of the most common value")
    edge_share: float = Field(
        0.0, description="share of the values in the lowest or in the highest tenth of the range, the smaller of both"
    )
    tail: float = Field(0.0, description="largest absolute value over the median one; 0 where that is 0")
    skew: float = Field(0.0, description="third standardized moment, after preparation")
    z: float = Field(0.0, description="largest distance from the median in robust deviations, 1.4826 times the MAD")
    far: float = Field(0.0, description="share of the values more than 10 robust deviations from the median")
    very_far: float = Field(0.0, description="share of those more than 50")
    lesser_side: float = Field(0.0, description="of the values more than 50, the share on the side that has fewer")
    outliers: int = Field(0, description="values beyond the widest gap among the far ones, at most 5 % of all")
    gap: float = Field(0.0, description="distance of the nearest outlier from the median, over that of the next value")
    nearest: float = Field(0.0, description="robust deviations of the nearest outlier from the median")
    heap: float = Field(0.0, description="share of the values, as loaded, that are all the smallest, or the largest")
    heap_gap: float = Field(0.0, description="from there to the next value, over the range of all the others")
    squeezed: float = Field(
        1.0, description="robust deviation over the standard deviation: small where few values make the deviation"
    )
    outlier_weight: float = Field(0.0, description="share of the outliers in the squared distances from the median")
    example: float | None = Field(None, description="the farthest value, as loaded")
    row: int | None = Field(None, description="its row, in the source's own order")
    filler: float | None = Field(
        None, description="the value as loaded that all outliers have, where it is a usual code for a missing one"
    )


class ShiftRecord(Record):
    """How the inputs of a split lie beside those of the training split, feature by feature (at most 1,000).

    Both are as the network sees them, save for `raw_mean_error` and `raw_std_error`.
    """

    split: str
    rows: int = Field(0, description="rows of the split that were looked at: of a sample where there are many")
    given: bool = Field(False, description="whether the source brought this split, instead of one being drawn")
    columns: tuple[str, ...] = ()
    distances: tuple[float, ...] = Field(
        (), description="largest distance of the two distribution functions (Kolmogorov-Smirnov), 0 to 1"
    )
    chance: float = Field(
        1.0, description="the distance that chance exceeds in one of a thousand data sets, over all columns together"
    )
    shifts: tuple[float, ...] = Field((), description="difference of the means, in deviations of the training split")
    ratios: tuple[float, ...] = Field((), description="deviation over that of the training split")
    largest: tuple[float, ...] = Field((), description="largest absolute value of the split")
    raw_mean_error: float | None = Field(None, description="largest absolute mean of a column of the split, as loaded")
    raw_std_error: float | None = Field(None, description="largest distance of a column's deviation from 1, as loaded")


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
    one_hot_targets: bool = Field(
        False, description="whether each row of targets of two or more columns holds one 1 and else 0"
    )
    columns: tuple[ColumnRecord, ...] = Field(
        (), description="features of flat inputs, in order; of more than 100, the 100 least ordinary ones"
    )
    target_columns: tuple[ColumnRecord, ...] = Field((), description="the same of targets that are numbers")
    shifts: tuple[ShiftRecord, ...] = ()
    nonfinite: tuple[NonFinite, ...] = ()
    shared: tuple[SharedRows, ...] = ()
    repeated: tuple[RepeatedRows, ...] = ()
    near: tuple[NearRows, ...] = ()
    signal: SignalRecord | None = Field(None, description="what the inputs say of the labels")
    telling: tuple[TellingColumn, ...] = Field((), description="columns that are the label, or name categories")
    row_scaling: RowScalingRecord | None = None
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
