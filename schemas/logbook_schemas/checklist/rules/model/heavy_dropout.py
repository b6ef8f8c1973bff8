"""Dropout in a person's own network that looks like a probability of keeping.

What it checks: the dropout layers of a person's own model (`M103 dropout-like-retention` judges the config of ours).
From 0.75 it is a warning; above 0.5, more than half of the units, a note.

Why it matters: two of the guides, and some libraries, give the probability of keeping. nn.Dropout(0.9), meant as "keep
90 %", drops 90 %, and the network hardly learns.

Instead: write 1 minus the probability of keeping; 0.1 to 0.25 is a good beginning.

Source: My Neural Network isn't working! What should I do? (S0-20); Troubleshooting Neural Net Training (S1-27);
where the guides contradict each other on what the number means, it is asked from 0.75 (C15).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number, percent

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or not start.dropouts or (known is not None and known.model.kind != "python"):
        return
    name, drops = max(start.dropouts.items(), key=lambda item: item[1])
    if drops <= at.much:
        return
    is_question = drops >= at.like_retention
    yield Said(
        message=f"Layer {name} drops {percent(drops)} of its inputs"
        f"{'; was the probability of keeping meant?' if is_question else ', more than half of them.'}",
        where=name,
        measured=drops,
        expected="0.1 to 0.5, the probability of dropping",
        remedy=f"To keep {percent(drops)}, write nn.Dropout({number(round(1 - drops, 10))})."
        if is_question
        else "Begin with nn.Dropout(0.2).",
        severity="warning" if is_question else "note",
    )


RULE = Rule(
    code="M223",
    name="heavy-dropout",
    severity="warning",
    moment="start",
    title="A dropout layer drops so much that the probability of keeping may have been meant",
    why="A network that loses most of its units at each step hardly learns.",
    source=cite("S0-20", "S1-27", "C15"),
    check=check,
    bad=lambda: evidence(config=config(model=_OWN), start=start(dropouts={"drop": 0.8})),
    good=lambda: evidence(config=config(model=_OWN), start=start(dropouts={"drop": 0.5})),
    doc=__doc__ or "",
    thresholds={
        "much": Threshold(0.5, "probability of dropping above which it is noted (S0-20)"),
        "like_retention": Threshold(0.75, "probability of dropping from which retention may be meant (C15)"),
    },
    explains=(*TRAINING,),
)
