"""A first loss that is far from what guessing costs.

What it checks: the loss of the untrained model on one shuffled batch, in evaluation mode and without penalties,
against ln(C), the cross-entropy of C equally probable classes (ln 2 for yes or no). From half of what guessing by the
frequency of the classes costs up to three times ln(C) is silent, outside is a warning, outside a tenth to ten times an
error. Only where output activation and loss fit together: otherwise that
is the finding. A person's own model that begins far below may be pretrained: a note.

Why it matters: an untrained network knows nothing, so it should lose what guessing loses. Far above, its weights
or its inputs are too large; far below, it sees the answer or the loss isn't what it seems.

Instead: scale the inputs, use the default initial weights, and look at how the loss is computed.

Source: Debugging Neural Networks: A Checklist (S3-18, S3-19); where the guides contradict each other on how exact
it must be, healthy networks were measured (C16, C21).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.fit import gives_probabilities, is_named_before, is_single_softmax, is_softmax_over_rows
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or start.initial_loss is None or not start.expected_loss or not _pair_fits(evidence):
        return
    loss, expected = start.initial_loss, start.expected_loss
    ratio = loss / expected
    lowest = _least(evidence, expected)
    if ratio <= at.high and (loss >= at.low * lowest or _is_trained(evidence)):
        return
    yield Said(
        message=f"The untrained model's loss is {number(loss)}; guessing costs {number(expected)}.",
        where="initial loss",
        measured=loss,
        expected=f"{number(at.low * lowest)} to {number(at.high * expected)}",
        remedy=_remedy(ratio),
        severity=_severity(evidence, ratio, loss / lowest, at),
    )


def _is_trained(evidence: Evidence) -> bool:
    """Say whether the weights come from a checkpoint, which may well know the classes."""
    init = getattr(evidence.config.model, "init", None) if evidence.config else None
    return getattr(init, "kind", None) == "checkpoint"


def _least(evidence: Evidence, expected: float) -> float:
    """Return what guessing costs that knows how frequent each class is: a last bias may begin there."""
    data = evidence.data
    shares = data.baseline.get("val_loss") if data is not None and data.baseline_name == "class shares" else None
    return expected if shares is None else min(shares, expected)


def _pair_fits(evidence: Evidence) -> bool:
    start = evidence.start
    if start is None or is_named_before(evidence) or is_single_softmax(start) or is_softmax_over_rows(start):
        return False
    takes = start.loss.takes
    if takes == "log-probabilities":
        return start.behaviour.logs_of_probabilities is not False
    return takes == "probabilities" or not gives_probabilities(start)


def _severity(evidence: Evidence, ratio: float, above_least: float, at: Thresholds) -> Severity:
    if ratio < 1 and evidence.config is not None and evidence.config.model.kind == "python":
        return "note"
    return "warning" if above_least >= at.low_error and ratio <= at.high_error else "error"


def _remedy(ratio: float) -> str:
    if ratio < 1:
        return "Check that the targets aren't among the inputs and that the loss is computed as meant."
    if math.isfinite(ratio):
        return "Check the scale of the inputs and of the initial weights, above all of the last layer."
    return "The outputs overflow before the first step: check the inputs and the initial weights."


RULE = Rule(
    code="M203",
    name="implausible-initial-loss",
    severity="warning",
    moment="start",
    title="The untrained model's loss is far from what guessing costs",
    why="An untrained network should lose what guessing loses; otherwise weights, inputs or loss are not as meant.",
    source=cite("S3-18", "S3-19", "C16", "C21"),
    check=check,
    bad=lambda: evidence(start=start(initial_loss=31.7)),
    good=lambda: evidence(start=start(initial_loss=2.9)),
    doc=__doc__ or "",
    thresholds={
        "low": Threshold(0.5, "initial loss over that of guessing by how frequent classes are, below: warning (C21)"),
        "high": Threshold(3.0, "initial loss over ln(C), above: warning; healthy he-normal heads reached 2.6 (C21)"),
        "low_error": Threshold(0.1, "as low, below: error (C21)"),
        "high_error": Threshold(10.0, "as high, above: error (C21)"),
    },
    explains=(*TRAINING,),
    version=2,
)
