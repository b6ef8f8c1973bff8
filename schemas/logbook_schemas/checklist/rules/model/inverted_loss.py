"""A loss that is the larger, the better the predictions.

What it checks: the gradient of the loss at the outputs of a batch. Moving a row's outputs towards its target (the
target class up, a number nearer) must lower the loss; where it raises it in nearly every row, and the optimizer goes
down, or the other way about, training goes the wrong way.

Why it matters: training makes the predictions worse, as fast as it can. A sign is missing, or `maximize` is on.

Instead: turn the sign of the loss round, or leave `maximize` off.

Source: What to do when a neural network does not learn (S4-10, S4-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import evidence, start
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import TRAINING
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.start import LossRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    start, config = evidence.start, evidence.config
    if start is None or start.loss.rising_share is None or (config and config.task == "metric-learning"):
        return
    rising, climbs = start.loss.rising_share, start.maximizes
    if not (rising >= at.share and not climbs) and not (rising <= 1 - at.share and climbs):
        return
    factor = start.loss.factor
    yield Said(
        message="The optimizer maximizes the loss, which falls as predictions get better."
        if climbs
        else f"The loss rises as the outputs move towards the targets, in {percent(rising)} of the examples.",
        where="optimizer" if climbs else "loss",
        measured=rising,
        expected="a loss that falls as predictions get better",
        remedy="Leave maximize off." if climbs else "Turn the sign of the loss round.",
        severity="error" if climbs or (factor is not None and factor < 0) else "warning",
    )


RULE = Rule(
    code="M212",
    name="inverted-loss",
    severity="error",
    moment="start",
    title="The loss is the larger, the better the predictions",
    why="Training makes the predictions worse, as fast as it can.",
    source=cite("S4-10", "S4-11"),
    check=check,
    bad=lambda: evidence(start=start(loss=LossRecord(rising_share=1.0, factor=-1.0))),
    good=lambda: evidence(start=start(loss=LossRecord(rising_share=0.0))),
    thresholds={"share": Threshold(0.95, "share of rows; sane losses gave at most 0.6, inverted ones 1 (measured)")},
    explains=(
        "implausible-initial-loss",
        "loss-below-zero",
        *TRAINING,
    ),
    doc=__doc__ or "",
)
