"""Batch normalization right behind dropout, in a person's own network.

What it checks: whether a batch normalization is given what a dropout layer left, with nothing but an activation
between. A warning where units are dropped of which there is one number an example; behind convolutions one from a
probability of 0.4, below a note. (R103 dropout-before-normalization judges the config of ours, in which a layer of
weights stands between.)

Why it matters: dropout makes the variance of a unit 1 / (1 - p) times as large, in training alone. The running averages
learn that variance, and in evaluation everything behind them is too small.

Instead: dropout behind the normalization and its activation, or behind the last normalization alone.

Source: My Neural Network isn't working! What should I do? (S0-19); What to do when a neural network does not learn
(S4-46); where the guides contradict each other on dropout in each layer, only dropout right before a normalization is
a mistake (C17). The bounds are our own: wide residual networks, of convolutions, drop 0.3 there and learn well.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION
from logbook_schemas.checklist.words import number
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or not start.structure.dropped_normalizations or (known and known.model.kind != "python"):
        return
    name, p = max(start.structure.dropped_normalizations.items(), key=lambda item: item[1])
    yield Said(
        message=f"The batch normalization {name} is given what dropout ({number(p)}) left: in training a variance that"
        f" is {number(1 / max(1 - p, 1e-3))} times that of evaluation.",
        where=name,
        measured=p,
        expected="dropout behind the normalization",
        remedy="Move the dropout behind the normalization and its activation.",
        severity="warning"
        if p >= (at.dropout if name in start.structure.normalized_by_rows else at.spatial)
        else "note",
    )


RULE = Rule(
    code="M226",
    name="dropped-normalization-inputs",
    severity="warning",
    moment="start",
    title="Batch normalization stands right behind dropout",
    why="Its running averages learn a variance that evaluation doesn't have.",
    source=cite("S0-19", "S4-46", "C17"),
    check=check,
    bad=lambda: evidence(
        config=config(model=_OWN), start=start(structure=StructureRecord(dropped_normalizations={"bn1": 0.5}))
    ),
    good=lambda: evidence(config=config(model=_OWN), start=start(structure=StructureRecord())),
    doc=__doc__ or "",
    thresholds={
        "dropout": Threshold(0.1, "probability of dropping from which it is a warning: the variance grows by 1.1"),
        "spatial": Threshold(0.4, "the same behind convolutions, where 0.3 is usual in wide residual networks"),
    },
    explains=("unlike-in-evaluation", *POOR_VALIDATION),
)
