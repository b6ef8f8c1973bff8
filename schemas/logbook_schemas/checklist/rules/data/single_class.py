"""Training rows that are all of one class, or targets that are all one number.

What it checks: the training rows by class, and the deviation of numeric targets. One class alone is an error, one
number a warning.

Why it matters: there is nothing to tell apart; the network learns to give that one answer, with a loss near 0.

Instead: look at how the labels are read; split with `stratify`; draw more rows.

Source: Debugging Neural Networks: A Checklist (S3-07); Troubleshooting Neural Net Training (S1-43).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import count, number
from logbook_schemas.records.measures import DataRecord, SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    data = evidence.data
    trained = data.splits.get("train") if data else None
    if data is None or trained is None:
        return
    present = [index for index, rows in enumerate(trained.class_counts) if rows > 0]
    if len(present) == 1 and trained.rows > 1:
        name = data.classes[present[0]] if present[0] < len(data.classes) else str(present[0])
        yield _said(f"All {count(trained.rows, 'training row')} are of class {name}.", 1, "error")
    elif _has_one_target(data) and trained.rows > 1:
        value = data.raw_targets.mean if data.raw_targets else None
        shown = "" if value is None else f", {number(value)}"
        yield _said(f"All {count(trained.rows, 'training target')} are the same number{shown}.", 1, "warning")


def _has_one_target(data: DataRecord) -> bool:
    stds = data.raw_targets.column_stds if data.raw_targets and data.task == "regression" else ()
    return bool(stds) and all(std == 0 for std in stds)


def _said(message: str, measured: int, severity: str) -> Said:
    return Said(
        message=message,
        where="train",
        measured=measured,
        expected="at least two classes, or targets that differ",
        remedy="Look at how the labels are read, and split with stratify.",
        severity="error" if severity == "error" else "warning",
    )


def _train_counts(*rows: int) -> DataRecord:
    return data(classes=("no", "yes"), splits={"train": SplitRecord(rows=sum(rows), class_counts=rows)})


RULE = Rule(
    code="D136",
    name="single-class",
    severity="error",
    moment="data",
    title="All training rows have the same label",
    why="There is nothing to tell apart.",
    source=cite("S3-07", "S1-43"),
    check=check,
    bad=lambda: evidence(data=_train_counts(100, 0)),
    good=lambda: evidence(data=_train_counts(60, 40)),
    doc=__doc__ or "",
    explains=(
        "drifting-labels",
        "imbalanced-classes",
        "unseen-class",
        "uninformative-inputs",
        "unscaled-targets",
        *SYMPTOMS,
    ),
    version=2,
)
