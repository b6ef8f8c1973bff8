"""A network that computes a straight line, and learns nothing, or far less than could be learnt.

What it checks: when a training of at least 20 epochs has ended and stands still, how far a network that computes a
straight line (see affine-network; a single layer, or the model linear) has come from guessing to perfection on its own
training examples: less than a tenth of the way, or less than 0.6 of the way that nearest neighbours come, where that is
more than half.

Why it matters: whether one of two bits is set but not both, whether a point lies inside a ring: no straight line says
more of it than a guess, however long it is trained.

Instead: put a hidden layer with an activation before the last one. Where that learns nothing either, look at the inputs
and their labels.

Source: What to do when a neural network does not learn (S4-25, S4-26).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, curve, end, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import standing_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import LAYERS, OUTCOMES
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.start import OutputRecord

__all__ = ["RULE"]

_STRAIGHT = OutputRecord(affine_defect=1e-6, weight_layers=1)
_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or not _is_straight(evidence, at):
        return
    if known.task in ("reconstruction", "metric-learning", "language-model"):
        return
    near = _neighbours(evidence)
    could = "" if near is None or near < at.known else f"; nearest neighbours come {percent(near)}"
    bound = max(at.learnt, at.part * near) if near is not None and could else at.learnt
    share = standing_share(evidence, at)
    if share is None or not share < bound:
        return
    yield Said(
        message="The model computes a straight line, and on its own training examples it has come"
        f" {percent(max(0.0, share))} of the way from guessing to perfection{could}.",
        where="model",
        measured=share,
        expected="a hidden layer, where the answer is no straight line",
        remedy="Put a hidden layer with ReLU before the last one.",
        change={"model": "mlp"} if known.model.kind == "linear" else {},
    )


def _neighbours(evidence: Evidence) -> float | None:
    """Return how far nearest neighbours come from guessing classes to perfection; None where that is unknown."""
    signal = evidence.data.signal if evidence.data else None
    if signal is None or signal.accuracy is None or signal.chance_accuracy is None or signal.chance_accuracy >= 1:
        return None
    return (signal.accuracy - signal.chance_accuracy) / (1 - signal.chance_accuracy)


def _is_straight(evidence: Evidence, at: Thresholds) -> bool:
    if evidence.config is not None and evidence.config.model.kind == "linear":
        return True
    start = evidence.start
    defect = start.behaviour.affine_defect if start is not None and not start.zero_weights else None
    return defect is not None and defect <= at.defect


RULE = Rule(
    code="T121",
    name="straight-answers",
    severity="warning",
    moment="end",
    title="A straight line has hardly learnt its training examples",
    why="Where the answer is no straight line, a network without a hidden layer can't say it.",
    source=cite("S4-25", "S4-26"),
    check=check,
    bad=lambda: evidence(
        config=config(model=_OWN), start=start(behaviour=_STRAIGHT), epochs=curve([2.3] * 25, [2.3] * 25), end=end()
    ),
    good=lambda: evidence(config=config(model=_OWN), start=start(behaviour=_STRAIGHT), end=end()),
    doc=__doc__ or "",
    thresholds={
        "learnt": Threshold(0.1, "share of the way from guessing to perfection on training examples (S0-09)"),
        "epochs": Threshold(20.0, "fewest epochs of a training that is judged; our own"),
        "known": Threshold(0.5, "share of that way that neighbours come, from which on the inputs say enough"),
        "part": Threshold(0.6, "share of the neighbours' way up to which it is far less (spirals 0.42, digits 0.97)"),
        "fall": Threshold(0.01, "share by which the training loss falls an epoch while it doesn't stand still"),
        "defect": Threshold(1e-4, "distance from a straight line over the outputs' deviation, as in affine-network"),
    },
    explains=(*LAYERS, *OUTCOMES),
)
