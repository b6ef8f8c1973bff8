"""Steps that hardly move the weights, while there is everything left to learn.

What it checks: the median over a few sampled steps of an epoch of norm(update) / norm(weights), layer by layer.
Where no layer of at least ten parameters reaches 1e-4 in two measured epochs running, while the loss is hardly better
than a guess, a warning. A training that has learnt something, or whose schedule has brought the learning rate down,
makes small steps in health.

Why it matters: at a ten-thousandth a step, the weights need ten thousand steps to become others.

Instead: raise the learning rate tenfold and look again: about a thousandth is a good ratio.

Source: Troubleshooting Neural Net Training (S1-15); Debugging Neural Networks: A Checklist (S3-29); where the guides
contradict each other on the ratio's direction, update over weights is meant (C13).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import is_rate_run_down, is_stalled, measured_epochs, update_ratios
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = measured_epochs(evidence, int(at.epochs))
    if len(epochs) < at.epochs or not is_stalled(evidence) or is_rate_run_down(evidence):
        return
    tables = [update_ratios(epoch) for epoch in epochs]
    if not all(tables) or any(max(table.values()) >= at.ratio for table in tables):
        return
    name = max(tables[0], key=lambda one: tables[0][one])
    yield Said(
        message=f"A step moves the weights of no layer by more than {number(tables[0][name])} of their size"
        f" ({name}), and the loss is hardly better than a guess.",
        where="layers",
        measured={**tables[0]},
        expected=f"at least {number(at.ratio)}, best about 0.001",
        remedy="Raise the learning rate tenfold.",
        change=_higher(evidence),
    )


def _higher(evidence: Evidence) -> dict[str, JsonValue]:
    lr = getattr(evidence.config.optimizer, "lr", None) if evidence.config else None
    return {"optimizer.lr": float(f"{lr * 10:.6g}")} if isinstance(lr, float) and 0 < lr < 1 else {}


def _layers(ratio: float) -> tuple[LayerRecord, ...]:
    return (
        LayerRecord(
            name="output", kind="Linear", order=0, fan_in=64, parameters=640, update_ratio=ratio, weight_norm=3.0
        ),
    )


RULE = Rule(
    code="G209",
    name="tiny-updates",
    severity="warning",
    moment="epoch",
    title="Steps hardly move the weights",
    why="At a ten-thousandth a step, the weights need ten thousand steps to become others.",
    source=cite("S1-15", "S3-29", "C13"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.4, 2.4], layers=_layers(1e-7))),
    good=lambda: evidence(epochs=curve([2.4, 1.9], layers=_layers(1e-3))),
    doc=__doc__ or "",
    thresholds={
        "ratio": Threshold(1e-4, "largest median of norm(update) / norm(weights) over the layers (S3-29, C13)"),
        "epochs": Threshold(2, "measured epochs in a row"),
    },
    explains=NOT_LEARNING,
)
