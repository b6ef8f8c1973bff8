"""A feature that never changes in the training split, or changes no more than by rounding.

What it checks: each column of rows of features, as loaded, over 10 training rows or more: a deviation of 0 is
a note; one below a millionth of the mean, of numbers that aren't whole, is a note, and a warning where a scaler has
made full-sized differences of it; an error where such a column reaches the network beyond a million in any split.
All columns constant is a warning. Single pixels aren't looked at: the corners of images often never change.

Why it matters: a constant says nothing. Divided by its own deviation, what differs by rounding becomes noise of full
size, and the first value of another split that differs becomes enormous.

Instead: drop the column, or leave it out of the scaling with `columns`; look at why it doesn't change.

Source: My Neural Network isn't working! What should I do? (S0-06). The program itself divides constants by 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import OUTCOMES, POOR_VALIDATION, SYMPTOMS
from logbook_schemas.checklist.words import count, listing, number
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import ArrayRecord, DataRecord, ShiftRecord, SplitRecord

__all__ = ["RULE"]

_ENLARGED = 1000.0


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    raw = data.raw_inputs if data is not None else None
    if data is None or raw is None or not raw.column_stds:
        return
    if "train" not in data.splits or data.splits["train"].rows < at.rows:
        return
    if len(data.input_shape) != 1:
        if raw.min == raw.max:
            yield _all_constant(f"Every input is {number(raw.min or 0.0)}, in every row")
        return
    broken = {found.column for found in data.nonfinite if found.array == "inputs"}
    places = [
        place for place in range(len(raw.column_stds)) if raw.columns[place : place + 1] not in [(b,) for b in broken]
    ]
    constant = [place for place in places if raw.column_stds[place] == 0]
    near = [place for place in places if _is_near_constant(data, raw, place, at)]
    if constant and len(constant) == len(raw.column_stds):
        yield _all_constant("None of the inputs ever changes")
        return
    huge = [place for place in (*constant, *near) if _largest(data, place) > at.huge]
    noisy = [place for place in near if place not in huge and _enlargement(data, raw, place) > _ENLARGED]
    quiet = [place for place in (*constant, *near) if place not in huge and place not in noisy]
    if huge:
        largest = number(max(_largest(data, place) for place in huge))
        yield _said(raw, huge, "error", f"hardly changes in training, and reaches the network as {largest}")
    if noisy:
        yield _said(raw, noisy, "warning", "differs by rounding alone, and scaling makes full-sized noise of that")
    if quiet:
        yield _said(raw, sorted(quiet), "note", "never changes in the training split")


def _is_near_constant(data: DataRecord, raw: ArrayRecord, place: int, at: Thresholds) -> bool:
    std, mean = raw.column_stds[place], raw.column_means[place]
    name = raw.columns[place] if place < len(raw.columns) else str(place)
    is_whole = any(column.name == name and column.is_whole for column in data.columns)
    return 0 < std < at.relative * abs(mean) and not is_whole


def _largest(data: DataRecord, place: int) -> float:
    """Return the largest absolute value of a column as the network sees it, over all splits; 0 where unknown."""
    if data.inputs is None or data.raw_inputs is None or data.inputs.columns != data.raw_inputs.columns:
        return 0.0
    ends = [ends[place] for ends in (data.inputs.column_mins, data.inputs.column_maxs) if place < len(ends)]
    ends += [shift.largest[place] for shift in data.shifts if place < len(shift.largest)]
    return max(map(abs, ends), default=0.0)


def _enlargement(data: DataRecord, raw: ArrayRecord, place: int) -> float:
    if data.inputs is None or data.inputs.columns != raw.columns or place >= len(data.inputs.column_stds):
        return 1.0
    return data.inputs.column_stds[place] / raw.column_stds[place]


def _all_constant(what: str) -> Said:
    return Said(
        message=f"{what}: there is nothing to learn from.",
        where="data.inputs",
        measured=0,
        expected="inputs that change from row to row",
        remedy="Look at what the source hands over: are the files read, and the arrays filled?",
        severity="warning",
        explains=(*SYMPTOMS, *POOR_VALIDATION, "ignored-inputs", "uninformative-inputs"),
    )


def _said(raw: ArrayRecord, places: Sequence[int], severity: Severity, does: str) -> Said:
    names = [raw.columns[place] if place < len(raw.columns) else str(place) for place in places]
    which = f"Column {names[0]} {does}" if len(names) == 1 else f"{count(len(names), 'column')}: each {does}"
    shown = "" if len(names) == 1 else f" ({listing(names)})"
    return Said(
        message=f"{which}{shown}.",
        where="data.inputs",
        measured=len(names),
        expected="columns that change from row to row",
        remedy="Drop the column, or leave it out of the scaling." if len(names) == 1 else "Drop these columns.",
        severity=severity,
        explains=() if severity == "note" else None,
    )


def _blown_up() -> DataRecord:
    columns = ("a", "b")
    return data(
        input_shape=(2,),
        splits={"train": SplitRecord(rows=80), "validation": SplitRecord(rows=20)},
        raw_inputs=ArrayRecord(columns=columns, column_means=(0.1, 3.0), column_stds=(1e-17, 2.0)),
        inputs=ArrayRecord(columns=columns, column_means=(0.0, 0.0), column_stds=(1.0, 1.0)),
        shifts=(ShiftRecord(split="validation", columns=columns, largest=(1e14, 2.0)),),
    )


RULE = Rule(
    code="D110",
    name="constant-feature",
    severity="note",
    moment="data",
    title="A feature never changes, or by rounding alone",
    why="A constant says nothing; scaled by its own deviation, its rounding becomes noise, or an enormous number.",
    source=cite("S0-06"),
    check=check,
    bad=lambda: evidence(data=_blown_up()),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "relative": Threshold(1e-6, "deviation over the mean below which a column is constant up to rounding (S0-06)"),
        "huge": Threshold(1e6, "absolute value at the network of a column that hardly changes: the error (our own)"),
        "rows": Threshold(10, "training rows from which on a constant column means something"),
    },
    explains=(*OUTCOMES, *POOR_VALIDATION),
    version=2,
)
