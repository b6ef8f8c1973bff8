"""A training that no held-out rows are measured on.

What it checks: whether the data have a validation split once they are loaded. A note. A config that limits its data
to a few rows, to learn them by heart, is left alone.

Why it matters: a falling train loss says that the network learns these rows, and nothing of others. Overfitting can't
be seen, and the best epoch can't be told from the last.

Instead: leave a fifth of the rows out of training.

Source: My Neural Network isn't working! What should I do? (S0-12). A note and no warning: to train on all rows is
what is done in the end, when all else is settled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.records.data import SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known, record = evidence.config, evidence.data
    if known is None or record is None or "train" not in record.splits or (known.data.limit or math.inf) <= at.by_heart:
        return
    held_out = record.splits.get("validation")
    if held_out is None or held_out.rows == 0:
        is_settable = "validation" in type(known.data.split).model_fields and known.data.split.kind != "files"
        yield Said(
            message=f"All {count(record.splits['train'].rows, 'row')} are trained on, and none is left to validate on.",
            where="data.split",
            measured=0,
            expected="a validation split",
            remedy="Leave a fifth of the rows out of training.",
            change={"data.split.validation": 0.2} if is_settable else {},
        )


RULE = Rule(
    code="B106",
    name="unvalidated-training",
    severity="note",
    moment="data",
    title="No rows are left to validate on",
    why="A falling train loss says that the network learns these rows, and nothing of others.",
    source=cite("S0-12"),
    check=check,
    bad=lambda: evidence(config=config(), data=data(splits={"train": SplitRecord(rows=1797)})),
    good=lambda: evidence(),
    doc=__doc__ or "",
    thresholds={
        "by_heart": Threshold(100, "rows of data.limit up to which they are to be learnt by heart (S3-01: 50)")
    },
)
