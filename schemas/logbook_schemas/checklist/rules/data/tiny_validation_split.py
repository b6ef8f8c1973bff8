"""A validation split of a handful of rows.

What it checks: fewer than 20 validation rows are a note; fewer than 10 beside 1,000 training rows or more a warning:
there would be enough to spare.

Why it matters: with 10 rows, one row more or less is 10 % accuracy. The best epoch, early stopping and every comparison
of runs then follow chance.

Instead: a larger share (`data.split.validation`), or cross-validation (`data.split` k-fold, `logbook run --folds`),
which validates on each row once.

Source: My Neural Network isn't working! What should I do? (S0-12). The standard error of a share of n rows is up to
1 / (2 √n): 11 % for 20 rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.records.measures import DataRecord, SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    splits = evidence.data.splits if evidence.data else {}
    train, validation = splits.get("train"), splits.get("validation")
    if evidence.data is None or train is None or validation is None or evidence.data.task == "language-model":
        return
    if validation.rows < at.rows:
        spare = validation.rows < at.few_rows and train.rows >= at.many_rows
        can_draw = evidence.config is None or evidence.config.data.split.kind in ("random", "group", "ordered")
        yield Said(
            message=f"The validation split has {count(validation.rows, 'row')}, the training split {train.rows:,}.",
            where="data.split.validation",
            measured=validation.rows,
            expected=f"at least {at.rows:g} rows",
            remedy="Take a larger share for validation."
            if spare
            else "Take a larger share for validation, or cross-validation (data.split k-fold).",
            change={"data.split.validation": 0.2} if spare and can_draw else {},
            severity="warning" if spare else "note",
        )


def _rows(train: int, validation: int) -> DataRecord:
    return data(splits={"train": SplitRecord(rows=train), "validation": SplitRecord(rows=validation)})


RULE = Rule(
    code="D137",
    name="tiny-validation-split",
    severity="note",
    moment="data",
    title="The validation split has only a few rows",
    why="The best epoch and every comparison of runs then follow chance.",
    source=cite("S0-12"),
    check=check,
    bad=lambda: evidence(data=_rows(400, 4)),
    good=lambda: evidence(data=_rows(120, 30)),
    doc=__doc__ or "",
    thresholds={
        "rows": Threshold(20, "validation rows below which a score says little"),
        "few_rows": Threshold(10, "validation rows below which it is a warning, where there are rows to spare"),
        "many_rows": Threshold(1000, "training rows from which there are rows to spare"),
    },
)
