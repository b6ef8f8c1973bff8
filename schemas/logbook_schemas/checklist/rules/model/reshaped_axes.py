"""Images whose channels were brought to the front by cutting the numbers anew.

What it checks: inputs with their channels last, and the first convolution of a person's own network. It is given as
many numbers in another shape: turned axes bring them into another order, `view` and `reshape` leave them in theirs.

Why it matters: nothing crashes, but each channel then holds a third of the rows, colours in turn, and no pixel lies
beside its neighbours. What a convolution looks for isn't there any more.

Instead: `x.permute(0, 3, 1, 2)`.

Source: Practical Advice for Building Deep Neural Networks (S2-28); What to do when a neural network does not learn
(S4-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    shape = evidence.start.structure.reshaped if evidence.start else ()
    if shape:
        axes = ", ".join(str(size) for size in shape)
        yield Said(
            message=f"The first convolution is given [N, {axes}], with the numbers in the order of the inputs, whose"
            " channels stand last: they were cut anew (view, reshape), not turned.",
            where="model",
            measured=list(shape),
            expected="turned axes",
            remedy="Write x.permute(0, 3, 1, 2) in place of view or reshape."
            if len(shape) == 3
            else "Write x.movedim(-1, 1) in place of view or reshape.",
        )


RULE = Rule(
    code="M229",
    name="reshaped-axes",
    severity="error",
    moment="start",
    title="Axes were cut anew where they should have been turned",
    why="No pixel lies beside its neighbours any more, and what a convolution looks for isn't there.",
    source=cite("S2-28", "S4-03"),
    check=check,
    bad=lambda: evidence(config=config(model=_OWN), start=start(structure=StructureRecord(reshaped=(3, 10, 10)))),
    good=lambda: evidence(config=config(model=_OWN), start=start(structure=StructureRecord())),
    doc=__doc__ or "",
    explains=(*TRAINING, *POOR_VALIDATION),
)
