"""A network that computes a straight line, though it has several layers, or though the data ask for a bent one.

What it checks: a person's own model, at points far out: f(a + b - c) is f(a) + f(b) - f(c) for a straight line alone
(of probabilities their logits are looked at). With two layers of weights or more that is a warning. With one layer,
and with the model linear of ours, it is one where the data are bent: nearest neighbours say far more of two classes, or
of a number, than a linear model does (of more classes it shows at the end: straight-answers). Where a matrix begins at
exactly 0, as that of a branch that is to grow from nothing, what the network will be doesn't show yet. A reconstruction
may be linear on purpose: a note.

Why it matters: layers without an activation between them are one layer, however many there are. The network can learn
nothing that a single layer could not.

Instead: put an activation behind each layer but the last; where there is one layer only, put a hidden one before it.

Source: Practical Advice for Building Deep Neural Networks (S2-05); What to do when a neural network does not learn
(S4-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import count, number
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, config = evidence.start, evidence.config
    if start is None or config is None or start.zero_weights:
        return
    defect, layers = start.behaviour.affine_defect, start.behaviour.weight_layers
    is_own = config.model.kind == "python"
    if is_own and defect is not None and layers >= at.layers and defect <= at.defect:
        yield Said(
            message=f"The model's {count(layers, 'layer')} with weights compute a straight line: no activation between"
            " them has an effect.",
            where="model",
            measured=defect,
            expected="outputs that are bent",
            remedy="Put an activation, such as ReLU, behind each layer but the last.",
            severity="note" if config.task == "reconstruction" else "warning",
        )
        return
    is_single = is_own and layers == 1 and defect is not None and defect <= at.defect
    if not is_single and config.model.kind != "linear":
        return
    known, straight = _bent(evidence, at)
    if known is not None:
        yield Said(
            message="The model computes a straight line, and the data are bent: nearest neighbours predict the labels"
            f" (correlation {number(known)}), a linear model hardly ({number(straight)}).",
            where="model",
            measured=straight,
            expected="a hidden layer",
            remedy="Put a hidden layer with ReLU before the last one.",
            change={} if is_own else {"model": "mlp"},
        )


def _bent(evidence: Evidence, at: Thresholds) -> tuple[float | None, float]:
    """Return how well neighbours and a linear model predict the labels, where the data are bent; else None first."""
    signal = evidence.data.signal if evidence.data else None
    # A line tells many classes apart whose rows of 0 and 1 no line predicts.
    if signal is None or signal.straight is None or signal.rows < at.rows or signal.outputs > at.outputs:
        return None, 0.0
    known = max((probe.score for probe in signal.probes if probe.name.startswith("nearest")), default=0.0)
    straight = max(0.0, signal.straight)
    return (known if known >= at.known and straight <= at.straight * known else None), straight


RULE = Rule(
    code="M209",
    name="affine-network",
    severity="warning",
    moment="start",
    title="The network computes a straight line",
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
        "layers": Threshold(2, "layers with weights from which on a straight line is no plan"),
        "rows": Threshold(50, "rows from which on data are called bent; our own"),
        "known": Threshold(0.5, "correlation of neighbours' answers with the labels, where these can be learnt at all"),
        "straight": Threshold(
            0.5,
            "the linear model's correlation over that of the neighbours (measured: rings below 0, a sine"
            " 0.78, moons 0.8, what is linear 0.96 to 1.4)",
        ),
        "outputs": Threshold(2, "classes, or columns of targets, up to which that is so"),
    },
    explains=(*TRAINING,),
    version=2,
    doc=__doc__ or "",
)
