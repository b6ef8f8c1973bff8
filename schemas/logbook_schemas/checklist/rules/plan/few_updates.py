"""A training of so few updates that little can be learnt.

What it checks: the optimizer steps of the whole training: fewer than 100 a note, fewer than 10 a warning. Optimizers
that search a line, and take many iterations in one step, are left alone.

Why it matters: each update moves the weights a little. A batch twice as large needs twice the epochs for as many.

Instead: more epochs, or a smaller batch. Whether more would help is seen in the loss, when it still falls at the end.

Source: My Neural Network isn't working! What should I do? (S0-24, S0-26); Troubleshooting Neural Net Training (S1-10,
S1-33); where the guides contradict each other on the batch size, the updates decide (C6). Measured on small data sets
with the defaults, twenty updates are enough to classify well, so that only fewer than ten are a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.torch_targets import optimizer_settings
from logbook_schemas.checklist.words import count
from logbook_schemas.config.course import Course

__all__ = ["RULE"]

_SEARCHING = ("lbfgs", "conjugate-gradient", "line-search")


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    trained = evidence.data.splits.get("train") if evidence.data else None
    if known is None or trained is None or optimizer_settings(known.optimizer).kind in _SEARCHING:
        return
    course = Course.of(known, trained.rows)
    if course.steps >= at.noted:
        return
    a_batch = min(course.batch_size(0), trained.rows)
    more = max(course.epochs + 1, round(course.epochs * at.noted / max(1, course.steps)))
    yield Said(
        message=f"The whole training has {count(course.steps, 'update')}: {count(course.epochs, 'epoch')} of"
        f" {count(trained.rows, 'row')} in batches of {a_batch:,}.",
        where="training.epochs",
        measured=course.steps,
        expected=f"at least {at.noted:.0f} updates",
        remedy="Train for more epochs, or take a smaller batch.",
        change={"training.epochs": more},
        severity="warning" if course.steps < at.few and known.optimizer.kind != "python" else "note",
    )


RULE = Rule(
    code="B103",
    name="few-updates",
    severity="warning",
    moment="data",
    title="The whole training has very few updates",
    why="Each update moves the weights a little, and a few don't move them far.",
    source=cite("S0-24", "S0-26", "S1-10", "S1-33", "C6"),
    check=check,
    bad=lambda: evidence(config=config(training={"batch_size": 1000, "epochs": 2})),
    good=lambda: evidence(config=config(training={"epochs": 3})),
    doc=__doc__ or "",
    thresholds={
        "noted": Threshold(100.0, "updates below which it is noted (C6)"),
        "few": Threshold(10.0, "updates below which it is a warning (measured)"),
    },
    explains=NOT_LEARNING,
)
