"""A last layer that has not as many outputs as the targets ask for.

What it checks: outputs a row against the classes or the target columns, where the loss can't be computed; softmax
over a single output, which is always 1; and more outputs than classes, a note.

Why it matters: with too few outputs a class can't be said; a softmax over one output says the same for ever; outputs
without a class take probability for nothing.

Instead: one output a class; for yes or no a single one with sigmoid or bce-with-logits; one for each target column.

Source: Troubleshooting Neural Net Training (S1-05, S1-43).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.fit import is_single_softmax
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, number
from logbook_schemas.records.measures import StartRecord
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None:
        return
    if is_single_softmax(start):
        yield Said(
            message=f"Softmax over a single output: it is always {number(start.behaviour.constant or 0.0)}, whatever"
            " the weights are.",
            where="model",
            measured=start.behaviour.constant,
            expected="sigmoid for one output, softmax over one output for each class",
            remedy="Remove the softmax and take bce-with-logits, or give the last layer one output for each class.",
        )
        return
    wanted = _wanted(evidence, start)
    found = math.prod(start.output_shape)
    if wanted is None or found == wanted:
        return
    if start.loss.error or found < wanted:
        yield Said(
            message=f"The model gives {count(found, 'output')} for each example, and the targets ask for {wanted}.",
            where="model",
            measured=found,
            expected=str(wanted),
            remedy=f"Give the last layer {count(wanted, 'output')}.",
        )
    elif start.loss.takes == "logits":
        yield Said(
            message=f"The model gives {count(found, 'output')} for {count(wanted, 'class')}.",
            where="model",
            measured=found,
            expected=str(wanted),
            remedy=f"Give the last layer {count(wanted, 'output')}.",
            severity="note",
        )


def _wanted(evidence: Evidence, start: StartRecord) -> int | None:
    """Return how many outputs the targets ask for, where that is sure; None elsewhere."""
    task = evidence.config.task if evidence.config else ""
    if task == "classification" and len(start.output_shape) == 1 and start.class_targets is not None:
        if start.loss.error or start.loss.takes in ("logits", "log-probabilities"):
            return max(start.class_targets, len(evidence.data.classes) if evidence.data else 0)
        return None
    if task in ("regression", "reconstruction", "multilabel", "binary") and start.loss.error:
        return None if start.target_shape is None else math.prod(start.target_shape)
    return None


RULE = Rule(
    code="M216",
    name="wrong-output-size",
    severity="error",
    moment="start",
    title="The last layer has another size than the targets ask for",
    why="A class without an output can't be said, and softmax over one output says the same for ever.",
    source=cite("S1-05", "S1-43"),
    check=check,
    bad=lambda: evidence(start=start(output_shape=(1,), behaviour=OutputRecord(constant=1.0, ignores_inputs=True))),
    good=lambda: evidence(start=start(output_shape=(10,), class_targets=10)),
    explains=(
        "failing-loss",
        "ignored-inputs",
        "implausible-initial-loss",
        "parameter-without-gradient",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
