"""Dropout behind the last layer.

What it checks: outputs of a network with dropout layers, in training mode and in evaluation mode: a share that is
exactly 0 in training alone was dropped.

Why it matters: dropout is for hidden units, of which others can take the place. A dropped output is a wrong answer that
no weight can mend: the loss of training can't come near 0, and its gradient is noise.

Instead: dropout before the last layer, or none.

Source: My Neural Network isn't working! What should I do? (S0-19, S0-20); that outputs are no place for it is our own.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    share = evidence.start.structure.dropped_outputs if evidence.start else None
    if share is None or share < at.share or (evidence.config and evidence.config.task == "metric-learning"):
        return
    yield Said(
        message=f"In training {percent(share)} of the outputs are dropped: dropout stands behind the last layer.",
        where="model",
        measured=share,
        expected="dropout between hidden layers",
        remedy="Take the dropout behind the last layer away.",
    )


RULE = Rule(
    code="M225",
    name="dropped-outputs",
    severity="warning",
    moment="start",
    title="Outputs are dropped in training",
    why="A dropped output is a wrong answer that no weight can mend.",
    source=cite("S0-19", "S0-20"),
    check=check,
    bad=lambda: evidence(start=start(structure=StructureRecord(dropped_outputs=0.5))),
    good=lambda: evidence(start=start(structure=StructureRecord(dropped_outputs=0.0))),
    doc=__doc__ or "",
    thresholds={"share": Threshold(0.02, "share of outputs that are 0 in training alone: dropout of 0.05 gives 0.05")},
    explains=("unlike-in-evaluation", *TRAINING),
)
