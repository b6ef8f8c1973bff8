"""A last layer that has not as many outputs as the targets ask for.

What it checks: outputs a row against the classes or the target columns: where the loss can't be computed, where there
are too few, and where the loss stretches one column over several. Softmax over a single output, in the model or in the
loss, says the same for ever. One number for several classes, compared with the number of the class, is a warning; so
are half as many outputs again as there are classes, and fewer of them a note: a class may be missing in these data.

Why it matters: with too few outputs a class can't be said; classes that are numbered are learnt as amounts, of which
1 lies between 0 and 2; outputs without a class take probability for nothing, and often mean that the network was made
for other data.

Instead: one output a class; for yes or no a single one with sigmoid or bce-with-logits; one for each target column.

Source: Troubleshooting Neural Net Training (S1-05, S1-23, S1-43).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.fit import is_single_softmax
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, number
from logbook_schemas.records.findings import Severity
from logbook_schemas.records.measures import StartRecord
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]

_OF_NUMBERS = ("mse", "l1")
_YES_OR_NO = 2
"""Classes that one number may well tell apart."""


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
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
    if start.loss.indifferent and math.prod(start.output_shape) == 1:
        yield Said(
            message="The loss is the same whatever the single output says, as softmax over one output makes it.",
            where="loss",
            measured=start.initial_loss,
            expected="bce-with-logits for one output, cross-entropy over one output for each class",
            remedy="Take bce-with-logits, or give the last layer one output for each class.",
        )
        return
    if _has_more_axes(evidence, start):
        axes = "".join(f", {size}" for size in start.output_shape)
        yield Said(
            message=f"The model gives [N{axes}], and the targets are one class for each example: axes are left.",
            where="model",
            measured=list(start.output_shape),
            expected="[N, classes]",
            remedy="Flatten before the first fully connected layer: x.flatten(1).",
        )
        return
    yield from _of_another_size(evidence, start, at)


def _of_another_size(evidence: Evidence, start: StartRecord, at: Thresholds) -> Iterator[Said]:
    wanted = _wanted(evidence, start)
    found = math.prod(start.output_shape)
    if wanted is None or found == wanted:
        return
    task = evidence.config.task if evidence.config else ""
    is_stretched = task == "regression" and start.loss.like in _OF_NUMBERS
    what = ""
    severity: Severity = "error"
    if task == "classification" and start.loss.takes == "values" and not start.loss.error:
        what, severity = f", which the loss compares with the numbers 0 to {wanted - 1} of the classes", "warning"
    elif start.loss.error or found < wanted or is_stretched:
        severity = "error"
    elif start.loss.takes == "logits":
        severity = "warning" if found >= at.excess * wanted else "note"
    else:
        return
    asked = count(wanted, "class") if task == "classification" else f"targets that ask for {wanted}"
    yield Said(
        message=f"The model gives {count(found, 'output')} for {asked}{what}.",
        where="model",
        measured=found,
        expected=str(wanted),
        remedy=f"Give the last layer {count(wanted, 'output')}.",
        severity=severity,
    )


def _has_more_axes(evidence: Evidence, start: StartRecord) -> bool:
    is_classes = evidence.config is not None and evidence.config.task == "classification"
    return is_classes and bool(start.loss.error) and len(start.output_shape) > 1 and start.target_shape == ()


def _wanted(evidence: Evidence, start: StartRecord) -> int | None:
    """Return how many outputs the targets ask for, where that is sure; None elsewhere."""
    task = evidence.config.task if evidence.config else ""
    if task == "classification" and len(start.output_shape) == 1 and start.class_targets is not None:
        is_number = start.output_shape == (1,) and start.loss.like in _OF_NUMBERS and start.class_targets > _YES_OR_NO
        if start.loss.error or is_number or start.loss.takes in ("logits", "log-probabilities"):
            return max(start.class_targets, len(evidence.data.classes) if evidence.data else 0)
        return None
    if task in ("regression", "reconstruction", "multilabel", "binary") and start.target_shape is not None:
        # A loss of one's own may well take a column of the targets for weights, or two outputs for mean and deviation.
        is_stretched = task == "regression" and start.loss.like in _OF_NUMBERS
        return math.prod(start.target_shape) if start.loss.error or is_stretched else None
    return None


RULE = Rule(
    code="M216",
    name="wrong-output-size",
    severity="error",
    moment="start",
    title="The last layer has another size than the targets ask for",
    why="A class without an output can't be said, and softmax over one output says the same for ever.",
    source=cite("S1-05", "S1-23", "S1-43"),
    check=check,
    bad=lambda: evidence(start=start(output_shape=(1,), behaviour=OutputRecord(constant=1.0, ignores_inputs=True))),
    good=lambda: evidence(start=start(output_shape=(10,), class_targets=10)),
    explains=(
        "failing-loss",
        "ignored-inputs",
        "implausible-initial-loss",
        "parameter-without-gradient",
        "broadcast-loss",
        *TRAINING,
    ),
    doc=__doc__ or "",
    version=2,
    thresholds={
        "excess": Threshold(1.5, "outputs over classes from which it is a warning: a class or two may be missing; own")
    },
)
