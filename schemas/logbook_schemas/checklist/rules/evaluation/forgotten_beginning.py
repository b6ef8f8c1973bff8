"""A network that walks along a sequence and has forgotten its beginning.

What it checks: at the end of a training that learnt next to nothing, how much the outputs of the untrained network
depended on the first step of a sequence, beside the last: by the gradient. Less than a ten-millionth is a warning,
where the network is a recurrent one. One that learns may forget as much as it likes.

Why it matters: what matters at the beginning of a long sequence never reaches the output, and no gradient goes back to
it. Plain recurrent layers forget within a few dozen steps, an LSTM within a few hundred.

Instead: an LSTM or GRU for a plain recurrent layer, attention or the mean over all steps for the last state alone,
shorter or coarser sequences, a forget bias of 1 or more.

Source: Debugging Neural Networks: A Checklist (S3-14); Troubleshooting Neural Net Training (S1-07, S1-38).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import last_phase
from logbook_schemas.checklist.examples import curve, end, evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.learnt import learnt_share
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.summary import ENDED

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, epochs = evidence.start, last_phase(evidence)
    ended = evidence.end is not None and evidence.end.status in ENDED
    if start is None or start.memory is None or not ended or not epochs or start.memory >= at.memory:
        return
    share = learnt_share(evidence, epochs[-1])
    if share is None or share >= at.learnt:
        return
    yield Said(
        message=f"The outputs of the untrained network depend on the first step of a sequence {number(start.memory)}"
        " times as much as on the last, and next to nothing was learnt.",
        where="model",
        measured=start.memory,
        expected=f"at least {number(at.memory)}, where the beginning matters",
        remedy="Take an LSTM or GRU, attention or the mean over all steps, or shorter sequences.",
    )


RULE = Rule(
    code="E109",
    name="forgotten-beginning",
    severity="warning",
    moment="end",
    title="A recurrent network forgets the beginning of its sequences",
    why="What matters at the beginning never reaches the output, and no gradient goes back to it.",
    source=cite("S1-07", "S1-38", "S3-14"),
    check=check,
    bad=lambda: evidence(start=start(memory=1e-20), epochs=curve([2.31, 2.3, 2.3], [2.31, 2.3, 2.31]), end=end()),
    good=lambda: evidence(start=start(memory=1e-20)),
    doc=__doc__ or "",
    thresholds={
        "memory": Threshold(1e-7, "gradient at the first step over that at the last: what float32 still adds up"),
        "learnt": Threshold(0.1, "share of the way from guessing to perfection that is something learnt (S0-09)"),
    },
    explains=NOT_LEARNING,
)
