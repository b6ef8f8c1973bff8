"""An optimizer that holds parameters of something else.

What it checks: whether each tensor that the optimizer holds is a parameter of the model, or of a loss that has some.
Where parameters of the model are missing besides, an error; else a note.

Why it matters: the optimizer updates another model, a copy, or parameters that were replaced after it was built. The
model itself stays as it is, or part of it does.

Instead: build the model whole, and hand its own `parameters()` to the optimizer.

Source: What to do when a neural network does not learn (S4-06).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or not start.foreign:
        return
    yield Said(
        message=f"The optimizer holds {count(start.foreign, 'tensor')} that the model doesn't have.",
        where="optimizer",
        measured=start.foreign,
        expected="parameters of the model alone",
        remedy="Hand the parameters of this model to the optimizer, after all its layers exist.",
        severity="error" if start.not_optimized else "note",
    )


RULE = Rule(
    code="L202",
    name="foreign-parameters",
    severity="error",
    moment="start",
    title="The optimizer holds parameters that aren't the model's",
    why="It updates something else, and the model stays as it is.",
    source=cite("S4-06"),
    check=check,
    bad=lambda: evidence(start=start(foreign=4, not_optimized=("0.weight",))),
    good=evidence,
    explains=(
        "unoptimized-parameter",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
