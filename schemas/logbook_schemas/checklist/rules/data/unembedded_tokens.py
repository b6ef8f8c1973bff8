"""Whole numbers, such as those of words, that reach the first layer of weights as amounts.

What it checks: inputs of whole numbers of a person's own network. A warning where the first layer with a matrix of
weights is given values that deviate by more than 10: they were turned into floating-point numbers as they are. After
an embedding, or one-hot, they deviate by about 1 or less.

Why it matters: word 812 is no more than word 7, and lies between no two others. As an amount it says nothing, and it is
so large that training explodes or stands still.

Instead: look numbers that name something up in a table, `nn.Embedding`; scale those that are amounts.

Source: Troubleshooting Neural Net Training (S1-04); My Neural Network isn't working! What should I do? (S0-01, S0-16).
The deviation is that at which a layer's inputs count as large (D101).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import matrices
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, SYMPTOMS
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import ArrayRecord, LayerRecord, StartRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    inputs = evidence.data.inputs if evidence.data else None
    if inputs is None or evidence.start is None or evidence.config is None or evidence.config.model.kind != "python":
        return
    first = next(iter(matrices(evidence.start.layers)), None)
    if not inputs.dtype.startswith("int") or first is None or (first.input_std or 0.0) <= at.deviation:
        return
    yield Said(
        message=f"The inputs are whole numbers, {number(inputs.min or 0)} to {number(inputs.max or 0)}, and layer"
        f" {first.name} is given them as amounts (standard deviation {number(first.input_std or 0.0)}).",
        where=f"layer {first.name}",
        measured=first.input_std,
        expected="vectors from a table, or numbers of about 1",
        remedy="Look up what names words or categories in nn.Embedding; scale what is an amount.",
    )


def _start(deviation: float) -> StartRecord:
    return start(layers=(LayerRecord(name="fc1", kind="Linear", order=0, fan_in=24, input_std=deviation),))


_OWN = {"kind": "python", "target": "own:net"}
_TOKENS = ArrayRecord(dtype="int64", min=0, max=399)

RULE = Rule(
    code="D143",
    name="unembedded-tokens",
    severity="warning",
    moment="start",
    title="Numbers of words or categories are taken for amounts",
    why="Word 812 is no more than word 7: as an amount it says nothing, and is far too large.",
    source=cite("S1-04", "S0-01", "S0-16"),
    check=check,
    bad=lambda: evidence(config=config(model=_OWN), data=data(inputs=_TOKENS), start=_start(118.0)),
    good=lambda: evidence(config=config(model=_OWN), data=data(inputs=_TOKENS), start=_start(1.0)),
    doc=__doc__ or "",
    thresholds={"deviation": Threshold(10.0, "deviation of what the first layer is given, from which it is large")},
    explains=(*SYMPTOMS, *POOR_VALIDATION),
)
