"""A target that is no class: a number or an id, each value of it a class of its own.

What it checks: the classes of a classification and the rows of each, over all splits. From 20 classes on, where half
of them or more have at most 2 rows, it is a warning; where the classes are whole numbers with gaps between them, as
amounts are, an error.

Why it matters: a class with a row or two can't be learned and can't be measured, and a network of hundreds of
outputs knows nothing of 151 lying next to 152.

Instead: say `"task": "regression"` where the target is a number. Where it is a name or an id, take another column;
where the classes are real and rare, collect more rows or put them together.

Source: Debugging Neural Networks: A Checklist (S3-07); Troubleshooting Neural Net Training (S1-22); What to do when a
neural network does not learn (S4-08); the bounds are
our own (scikit-learn's diabetes: 214 classes, 2 rows in the middle).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import DataRecord, SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    if data is None or data.task != "classification":
        return
    present = [rows for rows in _rows_of_classes(data) if rows > 0]
    few = sum(rows <= at.few_rows for rows in present)
    if len(present) < at.classes or few < at.share * len(present):
        return
    is_amount = _are_amounts(data.classes)
    yield Said(
        message=f"The target has {len(present):,} different values in {sum(present):,} rows, and {few:,} of them stand"
        f" in at most {number(at.few_rows)} rows: this looks like"
        f" {'a number' if is_amount else 'a name or an id'}, not a class.",
        where="task" if is_amount else "data.source",
        measured=len(present),
        expected="classes with several rows each",
        remedy='Set "task": "regression", with its loss mse and its metric mae.'
        if is_amount
        else "Check which column is the target, or put rare classes together.",
        change={"task": "regression"} if is_amount else {},
        severity="error" if is_amount else "warning",
    )


def _rows_of_classes(data: DataRecord) -> list[int]:
    counted = [split.class_counts for split in data.splits.values() if split.class_counts]
    return [sum(rows) for rows in zip(*counted, strict=False)]


def _are_amounts(classes: Sequence[str]) -> bool:
    """Say whether the classes are whole numbers with gaps; without gaps they are numbered, as classes may be."""
    if not classes or not all(name.removeprefix("-").isdecimal() for name in classes):
        return False
    numbers = [int(name) for name in classes]
    return max(numbers) - min(numbers) + 1 > len(set(numbers))


def _amounts() -> DataRecord:
    rows = (1, 2, 2, 4) * 20
    return data(
        classes=tuple(str(3 * index) for index in range(len(rows))),
        splits={"train": SplitRecord(rows=sum(rows), class_counts=rows)},
    )


RULE = Rule(
    code="D107",
    name="regression-as-classification",
    severity="warning",
    moment="data",
    title="The classes look like numbers or ids: most have a row or two",
    why="A class with a row or two can't be learned, and that 151 lies next to 152 is lost.",
    source=cite("S3-07", "S1-22", "S4-08"),
    check=check,
    bad=lambda: evidence(data=_amounts()),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "classes": Threshold(20, "classes from which on their rows are looked at (our own)"),
        "few_rows": Threshold(2, "rows up to which a class is hardly one (our own)"),
        "share": Threshold(0.5, "share of such classes (diabetes as classes: 214 classes, 2 rows in the middle)"),
    },
    explains=(
        "imbalanced-classes",
        "unseen-class",
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
