"""One pass over the training split.

What it checks: `training.epochs` of 1 on fewer than a million rows. A note.

Why it matters: a network rarely takes all there is from a row that it sees once.

Instead: several epochs, and early stopping to end them.

Source: Troubleshooting Neural Net Training (S1-09, S1-10).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import count
from logbook_schemas.records.data import SplitRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    trained = evidence.data.splits.get("train") if evidence.data else None
    if known is None or trained is None or known.training.epochs > 1 or trained.rows >= at.rows:
        return
    if known.optimizer.kind in ("lbfgs", "conjugate-gradient"):
        return
    yield Said(
        message=f"{count(trained.rows, 'training row')} are seen once, in a single epoch.",
        where="training.epochs",
        measured=1,
        expected="several epochs",
        remedy="Train for 20 epochs, and watch the validation loss.",
        change={"training.epochs": 20},
    )


RULE = Rule(
    code="B104",
    name="single-epoch",
    severity="note",
    moment="data",
    title="One pass over the training split",
    why="A network rarely takes all there is from a row that it sees once.",
    source=cite("S1-09", "S1-10"),
    check=check,
    bad=lambda: evidence(config=config(training={"epochs": 1}), data=data(splits={"train": SplitRecord(rows=20_000)})),
    good=lambda: evidence(config=config(training={"epochs": 2})),
    doc=__doc__ or "",
    thresholds={"rows": Threshold(1_000_000.0, "training rows from which one epoch may do (S1-09)")},
    explains=NOT_LEARNING,
)
