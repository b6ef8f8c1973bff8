"""Gradients clipped in a network of convolutions.

What it checks: `gradients.clip` in a `cnn` or `residual-cnn`. A note: clipping may be wanted, and it may hide a fault.

Why it matters: the gradients of convolutional networks rarely explode by themselves. Where they do, the learning rate,
the initial weights or the data are at fault, and clipping only hides it.

Instead: train without clipping first. The finding `constantly-clipped-gradients` says, after an epoch, how often it
acted.

Source: Debugging Neural Networks: A Checklist (S3-27); where the guides contradict each other on clipping, only its
effect is warned of (C2).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Thresholds

__all__ = ["RULE"]


def check(evidence: Evidence, _: Thresholds) -> Iterator[Said]:
    known = evidence.config
    if known is None or known.gradients.clip.kind == "none":
        return
    if known.model.kind in ("cnn", "residual-cnn"):
        yield Said(
            message="Gradients of a convolutional network are clipped; they rarely explode, and clipping hides why.",
            where="gradients.clip",
            measured=known.gradients.clip.kind,
            expected="no clipping until gradients are seen to explode",
            remedy="Leave clipping out, and lower the learning rate if the loss explodes.",
            change={"gradients.clip": "none"},
        )


RULE = Rule(
    code="L107",
    name="clipped-convolutions",
    severity="note",
    moment="config",
    title="Gradients of a convolutional network are clipped",
    why="They rarely explode by themselves, and clipping hides the fault where they do.",
    source=cite("S3-27", "C2"),
    check=check,
    bad=lambda: evidence(config=config(model="cnn", gradients={"clip": "norm"})),
    good=lambda: evidence(config=config(gradients={"clip": "norm"})),
    doc=__doc__ or "",
)
