"""A loss that compares every output with every target.

What it checks: a person's own loss where outputs and targets have the same numbers of entries in different shapes, as
[N, 1] and [N]. Called so, it must give the same as with both in one shape, and the mean of its values for single rows.
Where the shapes agree, the loss may still flatten one of them itself: then it is not the mean over rows, and to the
last digit the mean over the outputs and targets of any two rows.

Why it matters: [N, 1] minus [N] is a matrix of N x N differences, without an error. The best answer to that is the mean
of the targets for every example: the loss falls a little, and nothing is learnt.

Instead: bring both into one shape: `outputs.squeeze(1)`, or `targets.view_as(outputs)`.

Source: What to do when a neural network does not learn (S4-03, S4-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.start import LossRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None:
        return
    if start.loss.each_with_each and start.output_shape == start.target_shape:
        yield from _inside(start.loss, at)
        return
    called, alike, single = start.loss.as_called, start.loss.in_one_shape, start.loss.by_example
    if called is None or alike is None or single is None:
        return
    if not abs(called - alike) > at.difference * abs(alike) or not abs(single - alike) <= at.difference * abs(alike):
        return
    yield Said(
        message=f"Outputs [N{_axes(start.output_shape)}] and targets [N{_axes(start.target_shape or ())}] differ in"
        f" shape, and the loss compares each with each: {number(called)} instead of {number(alike)}.",
        where="loss",
        measured=called,
        expected=f"{number(alike)}, the mean over single examples",
        remedy="Bring outputs and targets into one shape: targets.view_as(outputs).",
    )


def _inside(loss: LossRecord, at: Thresholds) -> Iterator[Said]:
    """Yield what there is to say of a loss that stretches its arguments itself."""
    called, single, each = loss.each_with_each
    if abs(called - each) > at.same * abs(each) or not abs(called - single) > at.difference * abs(single):
        return
    yield Said(
        message=f"The loss compares each output with the target of every row: {number(called)} instead of"
        f" {number(single)}.",
        where="loss",
        measured=called,
        expected=f"{number(single)}, the mean over single examples",
        remedy="Bring outputs and targets into one shape inside the loss, too: flatten both, or neither.",
    )


def _axes(shape: tuple[int, ...]) -> str:
    return "".join(f", {size}" for size in shape)


RULE = Rule(
    code="M207",
    name="broadcast-loss",
    severity="error",
    moment="start",
    title="The loss compares every output with every target",
    why="Shapes that don't agree are stretched to a matrix; the best answer to it is the same for every example.",
    source=cite("S4-03", "S4-11"),
    check=check,
    bad=lambda: evidence(start=start(loss=LossRecord(as_called=1.9, in_one_shape=1.1, by_example=1.1))),
    good=lambda: evidence(start=start(loss=LossRecord(as_called=1.1, in_one_shape=1.1, by_example=1.1))),
    thresholds={
        "difference": Threshold(1e-3, "relative difference of two values of the loss; rounding made 1e-6"),
        "same": Threshold(1e-4, "relative difference up to which it is the mean over all pairs"),
    },
    version=2,
    explains=(
        "implausible-initial-loss",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
