"""Gradients that go back through hundreds of steps of a sequence.

What it checks: model `rnn` on sequences of more than 200 steps without truncated back-propagation. A note.

Why it matters: memory and time grow with the length, and the gradient of so many steps has vanished or exploded
before it arrives.

Instead: `training.procedure: truncated-bptt`, which goes back 64 steps and carries the state on.

Source: Troubleshooting Neural Net Training (S1-38).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING, LAYERS, NOT_LEARNING
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or evidence.data is None or known.model.kind != "rnn":
        return
    steps = evidence.data.input_shape[0] if evidence.data.input_shape else 0
    if steps > at.steps and known.training.procedure.kind != "truncated-bptt":
        yield Said(
            message=f"Gradients go back through all {count(steps, 'step')} of a sequence.",
            where="training.procedure",
            measured=steps,
            expected=f"at most {at.steps:.0f} steps, or truncated back-propagation",
            remedy="Take the procedure truncated-bptt.",
            change={"training.procedure": "truncated-bptt"},
        )


RULE = Rule(
    code="B107",
    name="untruncated-recurrence",
    severity="note",
    moment="data",
    title="Gradients go back through hundreds of steps",
    why="Memory and time grow with the length, and the gradient has vanished or exploded before it arrives.",
    source=cite("S1-38"),
    check=check,
    bad=lambda: evidence(config=config(model="rnn", gradients={"clip": "norm"}), data=data(input_shape=(500, 1))),
    good=lambda: evidence(config=config(model="rnn"), data=data(input_shape=(64, 1))),
    doc=__doc__ or "",
    thresholds={"steps": Threshold(200.0, "steps of a sequence above which it is noted (S1-38)")},
    explains=(*EXPLODING, *LAYERS, *NOT_LEARNING),
)
