"""A network of several layers that computes a straight line.

What it checks: a person's own model with at least two layers of weights, at points far out: f(a + b - c) is
f(a) + f(b) - f(c) for a straight line alone. Where a matrix begins at exactly 0, as that of a branch that is to grow
from nothing, what the network will be doesn't show yet. A reconstruction may be linear on purpose: a note.

Why it matters: layers without an activation between them are one layer, however many there are. The network can learn
nothing that a single layer could not.

Instead: put an activation behind each layer but the last.

Source: Practical Advice for Building Deep Neural Networks (S2-05); What to do when a neural network does not learn
(S4-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, config = evidence.start, evidence.config
    if start is None or config is None or config.model.kind != "python":
        return
    defect, layers = start.behaviour.affine_defect, start.behaviour.weight_layers
    if defect is None or layers < at.layers or start.zero_weights or not defect <= at.defect:
        return
    yield Said(
        message=f"The model's {count(layers, 'layer')} with weights compute a straight line: no activation between them"
        " has an effect.",
        where="model",
        measured=defect,
        expected="outputs that are bent",
        remedy="Put an activation, such as ReLU, behind each layer but the last.",
        severity="note" if config.task == "reconstruction" else "warning",
    )


RULE = Rule(
    code="M209",
    name="affine-network",
    severity="warning",
    moment="start",
    title="A network of several layers computes a straight line",
    why="Without activations between them, many layers can do no more than one.",
    source=cite("S2-05", "S4-03"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}),
        start=start(behaviour=OutputRecord(affine_defect=1e-6, weight_layers=3)),
    ),
    good=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}),
        start=start(behaviour=OutputRecord(affine_defect=0.6, weight_layers=3)),
    ),
    thresholds={
        "defect": Threshold(1e-4, "distance from a straight line over the outputs' deviation; lines gave at most 1e-5"),
        "layers": Threshold(2, "layers with weights"),
    },
    explains=(*TRAINING,),
    doc=__doc__ or "",
)
