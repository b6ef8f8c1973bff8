"""Softmax over the examples instead of the classes.

What it checks: whether each column of the outputs sums to 1 over the rows of the batch, and whether the loss stays the
same when a number is added to a whole column: both say that softmax is taken along axis 0.

Why it matters: examples compete with each other instead of classes, and each answer depends on the batch.

Instead: `softmax(dim=1)`, or none at all: cross-entropy brings its own.

Source: Practical Advice for Building Deep Neural Networks (S2-28); What to do when a neural network does not learn
(S4-03, S4-07).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.fit import is_softmax_over_rows
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or not is_softmax_over_rows(start):
        return
    place = "loss" if start.loss.normalizes_batch else "model"
    yield Said(
        message="The loss takes softmax over the examples of the batch, not over the classes."
        if place == "loss"
        else "Each column of the outputs sums to 1 over the examples of the batch: softmax runs along the wrong axis.",
        where=place,
        measured="columns sum to 1",
        expected="rows that sum to 1, or raw outputs",
        remedy="Write dim=1 instead of dim=0; before cross-entropy, remove the softmax.",
    )


RULE = Rule(
    code="M217",
    name="softmax-over-batch",
    severity="error",
    moment="start",
    title="Softmax is taken over the examples of the batch",
    why="Examples compete with each other instead of classes.",
    source=cite("S2-28", "S4-03", "S4-07"),
    check=check,
    bad=lambda: evidence(start=start(behaviour=OutputRecord(columns_sum_to_one=True))),
    good=lambda: evidence(start=start(behaviour=OutputRecord(columns_sum_to_one=False))),
    explains=(
        "implausible-initial-loss",
        "mixed-examples",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
