"""Batch normalization over very few rows, in a person's own network.

What it checks: batch normalizations of one number an example and unit (a convolution's count every place, too), against
the rows of a batch: below 8 a note, below 4 a warning. (B101 small-batch-normalization judges the config of ours.)

Why it matters: mean and variance of so few are mostly noise, and the running averages that validation uses are made of
it. With two rows a unit says no more than which of the two is larger.

Instead: a batch of 16 or more, or a normalization of each example by itself: `nn.LayerNorm`, `nn.GroupNorm`.

Source: Debugging Neural Networks: A Checklist (S3-15); where the guides contradict each other on the batch size, it is
judged only together with batch normalization (C6).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import count
from logbook_schemas.records.start import StructureRecord

__all__ = ["RULE"]

_OWN = {"kind": "python", "target": "net:build"}
_NORMALIZED = StructureRecord(normalized_by_rows=("bn1",))


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, known = evidence.start, evidence.config
    if start is None or known is None or known.model.kind != "python" or not start.structure.normalized_by_rows:
        return
    size = known.training.batch_size
    if size == "all" or size >= at.noted:
        return
    name = start.structure.normalized_by_rows[0]
    yield Said(
        message=f"The batch normalization {name} goes by the mean and variance of {count(size, 'example')} at a time.",
        where="training.batch_size",
        measured=size,
        expected=f"at least {at.noted:.0f} examples a batch",
        remedy="Take batches of 16 or more, or nn.LayerNorm.",
        change={"training.batch_size": 32},
        severity="warning" if size < at.few else "note",
    )


RULE = Rule(
    code="M227",
    name="few-normalized-rows",
    severity="warning",
    moment="start",
    title="Batch normalization goes by very few rows",
    why="Mean and variance of so few are mostly noise, and validation goes by averages that are made of it.",
    source=cite("S3-15", "C6"),
    check=check,
    bad=lambda: evidence(config=config(model=_OWN, training={"batch_size": 2}), start=start(structure=_NORMALIZED)),
    good=lambda: evidence(config=config(model=_OWN, training={"batch_size": 16}), start=start(structure=_NORMALIZED)),
    doc=__doc__ or "",
    thresholds={
        "noted": Threshold(8.0, "examples of a batch below which it is noted (S3-15, C6)"),
        "few": Threshold(4.0, "examples of a batch below which it is a warning (measured)"),
    },
    explains=("unlike-in-evaluation", *TRAINING, *POOR_VALIDATION),
)
