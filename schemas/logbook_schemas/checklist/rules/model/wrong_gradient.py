"""A gradient of one's own that isn't the gradient.

What it checks: where the network or the loss has an autograd function that isn't torch's, the change of the loss along
a direction in the parameters against what the gradient says, in double precision. Off by more than 1 % is a warning.
Where the loss is flat, as behind a rounding whose gradient is passed straight through, or the gradient is turned round,
as for domains that are to look alike, it may be meant: a note.

Why it matters: training goes another way than downhill, a little or altogether, and nothing else says so.

Instead: test `backward` with `torch.autograd.gradcheck`, or leave it to torch.

Source: What to do when a neural network does not learn (S4-05).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import listing, number

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start = evidence.start
    wrong = [ratio for ratio in start.gradient_ratios if not abs(ratio - 1) <= at.error] if start else []
    if start is None or not wrong:
        return
    worst = max(wrong, key=lambda ratio: abs(ratio - 1))
    is_meant = all(ratio <= at.error for ratio in wrong)
    yield Said(
        message=f"The gradient of {listing(start.custom_functions)} isn't the loss's: the loss changes {number(worst)}"
        " times as much as it says.",
        where=start.custom_functions[0] if start.custom_functions else "model",
        measured=worst,
        expected="1, within 1 %",
        remedy="Test its backward with torch.autograd.gradcheck.",
        severity="note" if is_meant else "warning",
    )


RULE = Rule(
    code="M221",
    name="wrong-gradient",
    severity="warning",
    moment="start",
    title="A gradient of one's own isn't the gradient of the loss",
    why="Training goes another way than downhill.",
    source=cite("S4-05"),
    check=check,
    bad=lambda: evidence(start=start(custom_functions=("Swish",), gradient_ratios=(1.0, 1.7))),
    good=lambda: evidence(start=start(custom_functions=("Swish",), gradient_ratios=(1.0, 1.0))),
    doc=__doc__ or "",
    thresholds={"error": Threshold(0.01, "relative error of the gradient (S4-05); right ones were within 1e-6")},
    explains=(*TRAINING,),
)
