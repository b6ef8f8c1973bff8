"""Many layers for few examples.

What it checks: more than eight hidden layers in a feed-forward network of ours, on fewer than 10,000 training rows.
A note.

Why it matters: small data sets are learnt best with three or four layers; beyond that results get worse.

Instead: begin with two to four hidden layers.

Source: Troubleshooting Neural Net Training (S1-44); where the guides contradict each other on depth, it stays a note
(C9).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import count
from logbook_schemas.records.data import SplitRecord

__all__ = ["RULE"]

_DEEP = {"kind": "mlp", "hidden": [64] * 10, "normalization": "layer"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    trained = evidence.data.splits.get("train") if evidence.data else None
    layers = hidden_layers(evidence.config.model) if evidence.config else None
    if trained is None or layers is None or layers.depth <= at.layers or trained.rows >= at.rows:
        return
    yield Said(
        message=f"{layers.depth} hidden layers learn from {count(trained.rows, 'row')}.",
        where=layers.path,
        measured=layers.depth,
        expected="three or four layers for a small data set",
        remedy="Begin with two to four hidden layers.",
    )


RULE = Rule(
    code="M115",
    name="deep-network-for-few-rows",
    severity="note",
    moment="data",
    title="Many layers for few examples",
    why="Small data sets are learnt best with three or four layers.",
    source=cite("S1-44", "C9"),
    check=check,
    bad=lambda: evidence(config=config(model=_DEEP)),
    good=lambda: evidence(config=config(model=_DEEP), data=data(splits={"train": SplitRecord(rows=20_000)})),
    doc=__doc__ or "",
    thresholds={
        "layers": Threshold(8.0, "hidden layers above which it is noted (S1-44)"),
        "rows": Threshold(10_000.0, "training rows from which it isn't (S1-44)"),
    },
)
