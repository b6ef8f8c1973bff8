"""Sequences of tokens that are mostly padding.

What it checks: rows of tokens that begin or end with token 0; where such stretches are more than half of all positions
it is a note. A warning where a fifth of the rows are nothing else: they were cut where they hold no words.

Why it matters: most of the work then goes into nothing, and a network that averages over positions, or takes the last
one, sees mostly padding.

Instead: cut sequences to a length that most of them have, put those of like length together, and mask the padding.

Source: My Neural Network isn't working! What should I do? (S0-10): look at what enters the network. Half of the
positions is the bound of Amazon SageMaker Debugger.
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import SYMPTOMS
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.rows import PaddingRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    padding = evidence.data.padding if evidence.data else None
    if padding is not None and padding.empty_rows > at.empty_rows:
        yield Said(
            message=f"{percent(padding.empty_rows)} of the rows are token 0 from end to end: nothing but padding.",
            where="data",
            measured=padding.empty_rows,
            expected=f"at most {percent(at.empty_rows)}",
            remedy="See at which end sequences are padded, and at which they are cut: both should be the same one.",
            severity="warning",
            explains=(*SYMPTOMS, "uninformative-inputs", "ignored-inputs"),
        )
    elif padding is not None and padding.share > at.share:
        yield Said(
            message=f"{percent(padding.share)} of all positions are token 0 at the beginning or end of a row; they look"
            " like padding.",
            where="data",
            measured=padding.share,
            expected=f"at most {percent(at.share)}",
            remedy="Cut sequences to a length that most have, group them by length, and mask the padding.",
        )


RULE = Rule(
    code="D138",
    name="padded-sequences",
    severity="note",
    moment="data",
    title="Most of the tokens are padding",
    why="The network sees mostly padding, and most of the work goes into nothing.",
    source=cite("S0-10"),
    check=check,
    bad=lambda: evidence(data=data(padding=PaddingRecord(rows=500, share=0.7, padded_rows=0.95))),
    good=lambda: evidence(data=data(padding=PaddingRecord(rows=500, share=0.3, padded_rows=0.9))),
    doc=__doc__ or "",
    thresholds={
        "share": Threshold(0.5, "share of the positions that are padding (SageMaker Debugger)"),
        "empty_rows": Threshold(0.2, "share of the rows that are nothing but padding (our own)"),
    },
    version=2,
)
