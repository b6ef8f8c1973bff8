"""A loss that can't be computed on the first batch.

What it checks: whether the loss gives a number for the outputs of the untrained model and their targets.

Why it matters: training would end at its first step. Most often outputs and targets have other shapes, types or
meanings than the loss wants.

Instead: read the message, which says what the loss was given.

Source: What to do when a neural network does not learn (S4-08, S4-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.records.start import LossRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    error = evidence.start.loss.error if evidence.start else ""
    if error:
        yield Said(
            message=f"The loss can't be computed on the first batch: {error.rstrip('.')}.",
            where="loss",
            measured=error,
            expected="a number",
            remedy="Make outputs and targets what the loss wants.",
        )


RULE = Rule(
    code="M220",
    name="failing-loss",
    severity="error",
    moment="start",
    title="The loss can't be computed on the first batch",
    why="Training would end at its first step.",
    source=cite("S4-08", "S4-11"),
    check=check,
    bad=lambda: evidence(start=start(loss=LossRecord(error="shapes don't fit"))),
    good=evidence,
    doc=__doc__ or "",
)
