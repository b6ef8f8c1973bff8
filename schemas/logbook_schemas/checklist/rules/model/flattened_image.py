"""Large images given to fully connected layers.

What it checks: an `mlp` or `linear` model on images of more than 3,072 values, those of a colour picture of 32 by 32.
A note.

Why it matters: each unit has a weight for every pixel, and what is learnt in one place says nothing of another.

Instead: a convolutional network.

Source: What to do when a neural network does not learn (S4-28).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or evidence.data is None or known.model.kind not in ("mlp", "linear"):
        return
    shape = evidence.data.input_shape
    if len(shape) == 3 and prod(shape) > at.values:
        yield Said(
            message=f"Images of {' x '.join(map(str, shape))}, {count(prod(shape), 'value')}, go into fully connected"
            " layers.",
            where="model",
            measured=prod(shape),
            expected="convolutions for images",
            remedy="Try the model cnn.",
            change={"model": "cnn"},
        )


RULE = Rule(
    code="M113",
    name="flattened-image",
    severity="note",
    moment="data",
    title="Large images go into fully connected layers",
    why="Each unit has a weight for every pixel, and what is learnt in one place says nothing of another.",
    source=cite("S4-28"),
    check=check,
    bad=lambda: evidence(config=config(), data=data(input_shape=(3, 64, 64))),
    good=lambda: evidence(config=config(model="cnn"), data=data(input_shape=(3, 64, 64))),
    doc=__doc__ or "",
    thresholds={"values": Threshold(3072.0, "values of an image above which it is noted (S4-28)")},
)
