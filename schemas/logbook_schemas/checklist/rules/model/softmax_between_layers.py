"""Softmax as the activation of a hidden layer, in a person's own network.

What it checks: what linear layers are given on a batch, behind another layer with weights. Where it is 0 or above and
sums to 1 over three units or more in every row, without being codes of 0 and 1, it was handed through a softmax.
Attention multiplies by its shares, and hands them to no layer.

Why it matters: all units of the layer share one sum. They can't be large together, each passes on about one over their
number, and the gradient through them is as small: training crawls, more so with each such layer.

Instead: relu, or tanh, between layers; softmax stands at the end alone, where the loss doesn't bring its own.

Source: Troubleshooting Neural Net Training (S1-18, S1-21); Practical Advice for Building Deep Neural Networks (S2-03).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import listing
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    structure = evidence.start.structure if evidence.start else None
    if structure is None or not structure.softmaxed:
        return
    names = structure.softmaxed
    yield Said(
        message=f"What is given to {listing(names)} sums to 1 over the units of the layer before: a softmax stands"
        " between layers.",
        where=names[0],
        measured=[*names],
        expected="an activation for each unit by itself",
        remedy="Put ReLU or tanh between layers; softmax belongs to the end.",
    )


RULE = Rule(
    code="M232",
    name="softmax-between-layers",
    severity="warning",
    moment="start",
    title="A softmax stands between two layers",
    why="The units of such a layer share one sum: little of the signal and of the gradient comes through.",
    source=cite("S1-18", "S1-21", "S2-03"),
    check=check,
    bad=lambda: evidence(start=start(structure=StructureRecord(softmaxed=("out",)))),
    good=lambda: evidence(start=start(structure=StructureRecord())),
    explains=("saturated-units", *SYMPTOMS),
    doc=__doc__ or "",
)
