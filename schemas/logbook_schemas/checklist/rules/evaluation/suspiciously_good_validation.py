"""A validation that goes better than the training.

What it checks: whether in the last epoch the validation accuracy is more than 5 points, and more than 3 standard
errors, above the accuracy on training examples, both in evaluation mode. A high accuracy alone says nothing.

Why it matters: examples that weren't trained on are rarely easier. The splits may come from different sources, the
training labels may be wrong, or the validation examples may give their label away.

Instead: see where both splits come from, and look at validation examples beside training examples.

Source: What to do when a neural network does not learn (S4-14, S4-53).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.curves import last_phase
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import percent

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data, epochs = evidence.data, last_phase(evidence)
    if data is None or evidence.end is None or not epochs or not {"train", "validation"} <= data.splits.keys():
        return
    trained, validated = epochs[-1].train_metrics.get("accuracy"), epochs[-1].metrics.get("accuracy")
    rows = data.splits["validation"].rows
    if trained is None or validated is None or not rows or data.task not in ("classification", "binary"):
        return
    probed = min(rows, data.splits["train"].rows, int(at.probed))
    error = math.sqrt(trained * (1 - trained) / probed + validated * (1 - validated) / rows)
    if validated - trained <= max(at.points, at.standard_errors * error):
        return
    yield Said(
        message=f"The validation accuracy is {percent(validated)}, that on training examples {percent(trained)}.",
        where="validation",
        measured=validated - trained,
        expected="no better than on training examples",
        remedy="See where both splits come from, and look at validation examples beside training examples.",
    )


RULE = Rule(
    code="E106",
    name="suspiciously-good-validation",
    severity="note",
    moment="end",
    title="The validation goes better than the training",
    why="Examples that weren't trained on are rarely easier: splits or labels may not be what they seem.",
    source=cite("S4-14", "S4-53"),
    check=check,
    bad=lambda: evidence(
        epochs=curve([1.3, 0.9, 0.8], [0.5, 0.3, 0.2], metrics={"accuracy": 0.97}, train_metrics={"accuracy": 0.7})
    ),
    good=lambda: evidence(epochs=curve([0.3], [0.3], metrics={"accuracy": 0.97}, train_metrics={"accuracy": 0.95})),
    doc=__doc__ or "",
    thresholds={
        "points": Threshold(0.05, "validation accuracy less training accuracy"),
        "standard_errors": Threshold(3.0, "the same, in standard errors of their difference"),
        "probed": Threshold(512.0, "training examples that are measured at most"),
    },
)
