"""A network whose outputs don't depend on its inputs.

What it checks: whether all rows of a batch get the same outputs, now and with other weights, drawn at random. So a
last layer that begins at 0 on purpose is no finding.

Why it matters: the best it can learn is one answer for all. Somewhere on the way the inputs are overwritten, multiplied
by 0, detached into a constant, or normalized away.

Instead: follow one example through `forward`, line by line; each line should use what the line before made.

Source: Practical Advice for Building Deep Neural Networks (S2-28); What to do when a neural network does not learn
(S4-03, S4-04).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.fit import is_single_softmax
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    start = evidence.start
    if start is None or not start.behaviour.ignores_inputs or is_single_softmax(start):
        return
    yield Said(
        message="The model gives the same outputs for every example, whatever its weights are.",
        where="model",
        measured=start.behaviour.spread,
        expected="outputs that differ from example to example",
        remedy="Follow one example through forward: some line doesn't use what the line before it made.",
    )


RULE = Rule(
    code="M205",
    name="ignored-inputs",
    severity="error",
    moment="start",
    title="The outputs don't depend on the inputs",
    why="All that such a network can learn is one answer for all examples.",
    source=cite("S2-28", "S4-03", "S4-04"),
    check=check,
    bad=lambda: evidence(start=start(behaviour=OutputRecord(spread=0.0, ignores_inputs=True))),
    good=lambda: evidence(start=start(behaviour=OutputRecord(spread=0.0, ignores_inputs=False))),
    explains=(
        "parameter-without-gradient",
        "unused-module",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
