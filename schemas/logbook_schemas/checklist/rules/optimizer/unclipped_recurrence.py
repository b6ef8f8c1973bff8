"""A recurrent network whose gradients may grow without bound.

What it checks: model `rnn` with neither clipping nor renormalization of gradients. A note: many train well without. It
also counts clipping the norm at a value far from those in use, below 0.01: every step has that length then.

Why it matters: the same weights act at each step of a sequence, so a gradient can grow with every step of the way
back. One such step undoes an epoch.

Instead: clip the norm at 1, and try 0.25 and 5 as well: the value is one to tune, not to set and forget.

Source: Troubleshooting Neural Net Training (S1-37); What to do when a neural network does not learn (S4-35); where the
guides contradict each other on clipping, its absence is a note (C2).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import EXPLODING
from logbook_schemas.checklist.words import number

__all__ = ["RULE"]

_TEXT = {"source": "docstrings"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or known.model.kind != "rnn":
        return
    clip = known.gradients.clip
    if clip.kind == "none" and known.gradients.renormalize.kind == "none":
        yield _said("Nothing bounds the gradients of this recurrent network.", "none", EXPLODING)
    elif clip.kind == "norm" and clip.max_norm < at.smallest:
        message = f"Gradients are clipped at a norm of {number(clip.max_norm)}, far below what is usual."
        yield _said(message, clip.max_norm, ())


def _said(message: str, measured: str | float, explains: tuple[str, ...]) -> Said:
    return Said(
        message=message,
        where="gradients.clip",
        measured=measured,
        expected="clipping of the norm at 0.1 to 10",
        remedy="Clip the norm at 1, and try 0.25 and 5.",
        change={"gradients.clip": {"kind": "norm", "max_norm": 1.0}},
        explains=explains,
    )


RULE = Rule(
    code="L108",
    name="unclipped-recurrence",
    severity="note",
    moment="config",
    title="Nothing bounds the gradients of a recurrent network",
    why="They can grow with every step of the sequence, and one such update undoes an epoch.",
    source=cite("S1-37", "S4-35", "C2"),
    check=check,
    bad=lambda: evidence(config=config(data=_TEXT, model="rnn")),
    good=lambda: evidence(config=config(data=_TEXT, model="rnn", gradients={"clip": "norm"})),
    doc=__doc__ or "",
    thresholds={"smallest": Threshold(0.01, "norm that clipping leaves, below which it is noted; our own")},
    explains=EXPLODING,
)
