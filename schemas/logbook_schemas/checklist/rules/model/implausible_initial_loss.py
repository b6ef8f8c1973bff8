"""A first loss that is far from what guessing costs.

What it checks: the loss of the untrained model on one shuffled batch, in evaluation mode and without penalties,
against ln(C), the cross-entropy of C equally probable classes. Half to twice that is silent, outside is a
warning, outside a tenth to ten times an error. Only where output activation and loss fit together: otherwise that
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
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.output_pairs import mismatch
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.findings import Severity

__all__ = ["RULE"]

_SILENT = (0.5, 2.0)
_BELOW_ERROR = (0.1, 10.0)


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or start.initial_loss is None or not start.expected_loss or not _pair_fits(evidence):
        return
    loss, expected = start.initial_loss, start.expected_loss
    ratio = loss / expected
    if _SILENT[0] <= ratio <= _SILENT[1]:
        return
    yield Said(
        message=f"The untrained model's loss is {number(loss)}; guessing costs {number(expected)}.",
        where="initial loss",
        measured=loss,
        expected=f"{number(_SILENT[0] * expected)} to {number(_SILENT[1] * expected)}",
        remedy=_remedy(ratio),
        severity=_severity(evidence, ratio),
    )


def _pair_fits(evidence: Evidence) -> bool:
    if evidence.start is not None and evidence.start.outputs_sum_to_one:
        return False
    return evidence.config is None or mismatch(evidence.config, evidence.data) is None


def _severity(evidence: Evidence, ratio: float) -> Severity:
    if ratio < 1 and evidence.config is not None and evidence.config.model.kind == "python":
        return "note"
    return "warning" if _BELOW_ERROR[0] <= ratio <= _BELOW_ERROR[1] else "error"


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
    explains=(
        "nonfinite-loss",
        "diverging-loss",
        "stuck-loss",
        "one-class-predictions",
        "no-better-than-baseline",
    ),
)
