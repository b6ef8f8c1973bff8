"""Outputs that are cut off, and their gradient with them.

What it checks: the bounds of the outputs, found with random weights, and the share of a batch's outputs that are
exactly there. Above 10 % under a loss that wants raw outputs is an error; where an output is at its bound for every
example, a warning; else a note.

Why it matters: a relu, clamp or hardtanh at the end passes no gradient where it cuts off: those examples teach
nothing, and an output that is cut off for all of them never learns again.

Instead: end the model with its last linear layer; clip predictions after the loss.

Source: My Neural Network isn't working! What should I do? (S0-34, S0-37, S0-38); Practical Advice for Building Deep
Neural Networks (S2-05).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence, start
from logbook_schemas.checklist.fit import gives_probabilities, is_named_before
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import number, percent
from logbook_schemas.records.start import LossRecord, OutputRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, config = evidence.start, evidence.config
    share = start.behaviour.share_at_bound if start is not None else None
    if start is None or share is None or not share > at.share or config is None or is_named_before(evidence):
        return
    if config.task == "metric-learning" or gives_probabilities(start):
        return
    stuck = start.behaviour.columns_at_bound or 0.0
    bounds = [number(b) for b in (start.behaviour.low, start.behaviour.high) if b is not None]
    yield Said(
        message=f"{percent(share)} of the outputs are exactly {' or '.join(bounds)}, where they are cut off and get no"
        " gradient.",
        where="model",
        measured=share,
        expected="outputs that aren't cut off",
        remedy="Remove the activation (relu, clamp, hardtanh) at the end of the model.",
        severity="error" if start.loss.takes == "logits" else "warning" if stuck > 0 else "note",
    )


RULE = Rule(
    code="M214",
    name="clipped-outputs",
    severity="warning",
    moment="start",
    title="Outputs are cut off, and their gradient with them",
    why="Where outputs are cut off nothing is learnt.",
    source=cite("S0-34", "S0-37", "S0-38", "S2-05"),
    check=check,
    bad=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}),
        start=start(loss=LossRecord(takes="logits"), behaviour=OutputRecord(low=0.0, share_at_bound=0.5)),
    ),
    good=lambda: evidence(
        config=config(model={"kind": "python", "target": "net:build"}),
        start=start(loss=LossRecord(takes="logits"), behaviour=OutputRecord(low=0.0, share_at_bound=0.0)),
    ),
    thresholds={"share": Threshold(0.1, "share of the outputs that are exactly at a bound (S0-37)")},
    explains=(
        "implausible-initial-loss",
        "parameter-without-gradient",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
