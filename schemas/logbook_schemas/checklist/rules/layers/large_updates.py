"""Steps that throw the weights about.

What it checks: the median over a few sampled steps of an epoch of norm(update) / norm(weights), layer by layer.
Where half of the layers with at least ten parameters exceed 0.1 in two measured epochs running, while the loss is
hardly better than a guess, a warning. About 0.01 is usual for adam, and layers that begin small are moved far at
first: neither is a finding.

Why it matters: each step undoes the last one, units die, and the loss jumps about or explodes.

Instead: lower the learning rate tenfold.

Source: Troubleshooting Neural Net Training (S1-15); where the guides contradict each other, ten times the
thousandth that is aimed at passes (C13).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import is_stalled, lower_rate, measured_epochs, update_ratios
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import OUTCOMES
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = measured_epochs(evidence, int(at.epochs))
    if len(epochs) < at.epochs or not is_stalled(evidence):
        return
    tables = [update_ratios(epoch) for epoch in epochs]
    if all(table and median(table.values()) > at.ratio for table in tables):
        epoch, ratios = epochs[0], tables[0]
        name = max(ratios, key=lambda one: ratios[one])
        yield Said(
            message=f"In epoch {epoch.epoch}, a step moves the weights of {name} by {number(ratios[name])} of their"
            f" size, those of the middle layer by {number(median(ratios.values()))}.",
            where="layers",
            measured={**ratios},
            expected=f"at most {number(at.ratio)}, best about 0.001",
            remedy="Lower the learning rate tenfold.",
            change=lower_rate(evidence),
        )


def _layers(ratio: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(
            name="output", kind="Linear", order=0, fan_in=64, parameters=640, update_ratio=ratio, weight_norm=3.0
        ),
    )


RULE = Rule(
    code="G210",
    name="large-updates",
    severity="warning",
    moment="epoch",
    title="Steps throw the weights about",
    why="Each step undoes the last one, units die, and the loss jumps about or explodes.",
    source=cite("S1-15", "C13"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.9, 3.4], layers=_layers(0.7))),
    good=lambda: evidence(epochs=curve([1.2, 0.6], layers=_layers(0.02))),
    doc=__doc__ or "",
    thresholds={
        "ratio": Threshold(0.1, "median over the layers of norm(update) / norm(weights) (C13)"),
        "epochs": Threshold(2, "measured epochs in a row"),
    },
    explains=("dead-units", "saturated-units", "zero-gradients", "unchanged-parameters", *OUTCOMES),
)
