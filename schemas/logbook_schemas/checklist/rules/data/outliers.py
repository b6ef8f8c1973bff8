"""Single values far away from all others of their feature, or of their target.

What it checks: each column of rows of features after preparation, of 20 values or more, by its distance from the
median in robust deviations (1.4826 times the median distance; of a column that is mostly one value, over the others).
Outliers are at most 5 % of the values, more than 10 robust deviations away, and beyond a gap: three times as far as
the value before. They are a note. They are a warning where they have made the deviation, so that a scaler leaves all
else in a band of a twentieth of it; where more than 0.5 % of the values lie beyond 50 robust deviations, scattered
or on both sides; where all of them are one usual code for a missing value, such as -999; and where one and the same
value stands in more rows, up to half of them, three times as far from all others as these are from each other. A gap
that a natural heavy tail has by chance is worth a note only: one value must lie 100 times as far as the next, four 3.2
times.
Targets under a squared loss: the same, where the outliers make nine tenths of the squared distances.

Why it matters: one wrong row of a million rules the mean, the deviation and the gradient, and makes a loss explode.

Instead: correct or drop the rows, or clip; for targets take the loss l1 or huber.

Source: My Neural Network isn't working! What should I do? (S0-32, S0-33); Practical Advice for Building Deep Neural
Networks (S2-31); where the guides contradict each other on the loss, outliers decide (C18). Distance alone is no
sign: scikit-learn's breast cancer has columns with up to 1.5 % of the values beyond 10 and one reaching 36, a
lognormal column more; their gaps reach 3.1, their robust deviation is 0.29 of the standard one at the least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

from pydantic import JsonValue

from logbook_schemas.checklist.examples import data, evidence, regression_data
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.preparing import column_keys, with_step_before
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING, SYMPTOMS
from logbook_schemas.checklist.words import count, listing, number, percent
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import ColumnRecord, DataRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None:
        return
    judged = [(column, _severity(column, at)) for column in data.columns]
    heaps = [column for column in data.columns if _is_heap(column, at)]
    if heaps:
        yield _of_heaps(heaps)
        judged = [(column, severity) for column, severity in judged if column not in heaps]
    for severity in ("warning", "note"):
        found = [column for column, one in judged if one == severity]
        if found:
            yield _of_inputs(evidence, data, found, severity, at)
            break
    if data.task == "regression" and _is_squared(evidence):
        for place, column in enumerate(data.target_columns):
            if (severity_of_target := _severity_of_target(column, at)) is not None:
                yield _of_target(column, place, len(data.target_columns), severity_of_target)


def _severity(column: ColumnRecord, at: Thresholds) -> Severity | None:
    if column.rows < at.rows or column.z <= at.z:
        return None
    is_apart = column.outliers > 0 and column.gap >= at.gap
    is_sure = is_apart and _is_no_chance(column, at)
    if column.filler is not None or (is_sure and column.squeezed < at.squeezed):
        return "warning"
    is_scattered = column.lesser_side >= at.side or (is_sure and column.z > at.scatter * column.nearest)
    if is_scattered and at.share < column.very_far <= at.most:
        return "warning"
    return "note" if is_apart else None


def _is_heap(column: ColumnRecord, at: Thresholds) -> bool:
    """Say whether many rows hold one value far from all others: no amount, but a code for a missing one."""
    return column.rows >= at.rows and at.most < column.heap <= at.heap and column.heap_gap >= at.heap_gap


def _is_no_chance(column: ColumnRecord, at: Thresholds) -> bool:
    """Say whether even a tail that falls with the first power only has such a gap before so many values by chance."""
    return column.outliers * log(column.gap) >= log(at.surprise)


def _severity_of_target(column: ColumnRecord, at: Thresholds) -> Severity | None:
    if column.rows < at.rows or column.z <= at.z or column.outliers == 0 or column.gap < at.gap:
        return None
    return "warning" if column.outlier_weight > at.weight and _is_no_chance(column, at) else "note"


def _is_squared(evidence: Evidence) -> bool:
    return evidence.config is None or evidence.config.loss.kind == "mse"


def _of_inputs(
    evidence: Evidence, data: DataRecord, found: Sequence[ColumnRecord], severity: Severity, at: Thresholds
) -> Said:
    worst = max(found, key=lambda column: (column.filler is not None, column.z))
    names = [column.name for column in found]
    others = "" if len(names) == 1 else f" Likewise in {listing([name for name in names if name != worst.name])}."
    step: dict[str, JsonValue] = {"kind": "clip-quantiles", "columns": column_keys(names)}
    return Said(
        message=f"Column {worst.name}: {_told(worst)}.{others}",
        where="data.inputs",
        measured=worst.z,
        expected=f"values within {number(at.z)} robust deviations of the median, or in one body with the rest",
        remedy="Look at these rows; clip to quantiles, or drop them."
        if worst.filler is None
        else f"If {number(worst.filler)} stands for a missing value, fill it in or drop these rows.",
        change=with_step_before(evidence.config, step) if worst.filler is None else {},
        severity=severity,
        explains=(
            *(SYMPTOMS if severity == "warning" else EXPLODING),
            "heavy-tailed-feature",
            *(("unscaled-inputs",) if _is_small(data, at) else ()),
        ),
    )


def _of_heaps(found: Sequence[ColumnRecord]) -> Said:
    worst = max(found, key=lambda column: column.heap_gap)
    others = [column.name for column in found if column is not worst]
    return Said(
        message=f"Column {worst.name}: {percent(worst.heap)} of its values are one and the same, and lie"
        f" {number(worst.heap_gap)} times as far from all others as these lie from each other: a code for a missing"
        f" value?{f' Likewise in {listing(others)}.' if others else ''}",
        where="data.inputs",
        measured=worst.heap_gap,
        expected="a missing value that is filled in, with a column of its own that says so",
        remedy="If it stands for a missing value, fill that in before scaling: all else lies in a narrow band.",
        severity="warning",
        explains=(*SYMPTOMS, "heavy-tailed-feature", "unscaled-inputs"),
    )


def _is_small(data: DataRecord, at: Thresholds) -> bool:
    """Say whether the inputs would be of ordinary size without the outliers."""
    inputs = data.inputs
    if inputs is None or len(inputs.column_stds) != len(inputs.column_maxs):
        return False
    odd = {column.name: column for column in data.columns if column.z > at.z and column.far <= at.most}
    numbered = zip(inputs.columns, inputs.column_stds, inputs.column_mins, inputs.column_maxs, strict=False)
    largest = [
        at.z * odd[name].squeezed * std if name in odd else max(abs(low), abs(high))
        for name, std, low, high in numbered
    ]
    return max(largest, default=0.0) <= 2 * at.z


def _told(column: ColumnRecord) -> str:
    example = "" if column.example is None else f", the farthest {number(column.example)}"
    row = "" if column.row is None else f" in row {column.row}"
    if column.outliers == 0:
        share = f"{100 * column.very_far:.2g} % of the values lie"
        return f"{share} more than 50 robust deviations from the median, on both sides{example}{row}"
    if column.filler is not None:
        rows = f"{column.outliers:,} of {column.rows:,} rows hold"
        return f"{rows} {number(column.filler)}, far from all others, as a code for a missing value"
    lie = "lies" if column.outliers == 1 else "lie"
    return (
        f"{count(column.outliers, 'value')} of {column.rows:,} {lie} apart from all others, up to"
        f" {number(column.z)} robust deviations from the median{example}{row}"
    )


def _of_target(column: ColumnRecord, place: int, columns: int, severity: Severity) -> Said:
    which = "The targets" if columns == 1 else f"Target {place}"
    return Said(
        message=f"{which}: {_told(column)}. Under a squared loss they have {number(100 * column.outlier_weight)} % of"
        " the weight.",
        where="data.targets" if columns == 1 else f"data.targets, column {place}",
        measured=column.z,
        expected="targets in one body, or a loss that outliers don't rule",
        remedy='Look at these rows; take the loss "huber" or "l1".',
        change={"loss": "huber"},
        severity=severity,
        explains=(*(SYMPTOMS if severity == "warning" else EXPLODING), "unscaled-targets"),
    )


def _typing_error() -> DataRecord:
    column = ColumnRecord(
        name="income", rows=400, distinct=390, z=3e4, outliers=1, gap=8e3, squeezed=0.0007, example=1e6, row=17
    )
    return data(columns=(column,))


def _tail() -> DataRecord:
    column = ColumnRecord(name="area error", rows=398, distinct=390, z=36.0, outliers=2, gap=2.5, squeezed=0.29)
    return regression_data(columns=(column,), target_columns=(column,))


RULE = Rule(
    code="D112",
    name="outliers",
    severity="note",
    moment="data",
    title="Single values lie far away from all others",
    why="One wrong row rules the mean, the deviation and the gradient, and can make the loss explode.",
    source=cite("S0-32", "S0-33", "S2-31", "C18"),
    check=check,
    bad=lambda: evidence(data=_typing_error()),
    good=lambda: evidence(data=_tail()),
    doc=__doc__ or "",
    thresholds={
        "z": Threshold(10.0, "distance from the median in robust deviations (S0-33)"),
        "gap": Threshold(
            3.2, "distance of the nearest outlier over that of the next value (breast cancer reaches 3.1)"
        ),
        "squeezed": Threshold(0.05, "robust deviation over the standard one (breast cancer: 0.29 at the least)"),
        "surprise": Threshold(100.0, "gap to the power of the number of outliers: of a tail 1/x, its odds by chance"),
        "scatter": Threshold(2.0, "farthest over nearest outlier; in one heap they may be a rare kind of row"),
        "share": Threshold(0.005, "share of values beyond 50 robust deviations (S0-33, there beyond 10)"),
        "most": Threshold(0.05, "largest share that may be called outliers: more are a second kind of row"),
        "heap": Threshold(0.5, "share of one value up to which the others are the column"),
        "heap_gap": Threshold(3.0, "its distance from all others over their range (our own)"),
        "side": Threshold(0.2, "share of them on the side that has fewer: a natural tail has one side"),
        "weight": Threshold(0.9, "share of the outlying targets in the squared distances from the median (our own)"),
        "rows": Threshold(20, "values from which on outliers can be told"),
    },
    explains=(*SYMPTOMS, "heavy-tailed-feature", "unscaled-targets", "unscaled-inputs"),
    version=2,
)
