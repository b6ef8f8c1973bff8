"""Parameters that no step changes, although they have gradients.

What it checks: at a few sampled steps of every measured epoch, whether a parameter that asks for gradients and had
one is the same to the last bit after the optimizer's step. Parameters that the optimizer doesn't hold have a rule of
their own; a learning rate that its schedule has brought down to next to nothing, and a training that has converged,
are no finding. All parameters unchanged is an error.

Why it matters: the loop runs, the losses are printed, and nothing is learnt: the optimizer's step is forgotten, its
learning rate is 0 or so small that float32 rounds the update away, or it holds copies of the parameters.

Instead: call the optimizer's step, build it from the parameters of the model that is trained, raise the learning rate.

Source: What to do when a neural network does not learn (S4-06); Debugging Neural Networks: A Checklist (S3-28).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.layers import is_converged, is_rate_run_down, measured_epochs
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import NOT_LEARNING
from logbook_schemas.checklist.words import count, listing
from logbook_schemas.records.measures import LayerRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    epochs = measured_epochs(evidence, int(at.epochs))
    if len(epochs) < at.epochs or is_converged(evidence) or is_rate_run_down(evidence):
        return
    known = set(evidence.start.not_optimized) if evidence.start else set()
    names = [name for name in epochs[0].unchanged if name not in known]
    names = [name for name in names if all(name in epoch.unchanged for epoch in epochs[1:])]
    if not names:
        return
    is_all = not any(layer.update_ratio for layer in epochs[0].layers)
    lr = epochs[0].lr
    rate = f" at learning rate {lr:g}" if lr is not None else ""
    whole = "No step changes any parameter" if is_all else f"No step changes {count(len(names), 'parameter')}"
    yield Said(
        message=f"{whole}{rate}, although they have gradients: {listing(names)}.",
        where=names[0],
        measured=[*names],
        expected="parameters that each step changes",
        remedy="Let the optimizer make its step, build it from the parameters of the model that is trained, or raise"
        " the learning rate: the updates may be rounded away.",
        severity="error" if is_all else "warning",
    )


def _layers(ratio: float) -> tuple[LayerRecord, ...]:
    return (LayerRecord(name="output", kind="Linear", order=0, fan_in=64, parameters=640, update_ratio=ratio),)


RULE = Rule(
    code="G206",
    name="unchanged-parameters",
    severity="error",
    moment="epoch",
    title="Parameters have gradients, and no step changes them",
    why="Nothing is learnt: the optimizer's step is forgotten, without effect, or meant for other parameters.",
    source=cite("S3-28", "S4-06"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.4, 2.4], lr=0.1, layers=_layers(0.0), unchanged=("output.weight",))),
    good=lambda: evidence(epochs=curve([2.4, 2.2], lr=0.1, layers=_layers(1e-3))),
    doc=__doc__ or "",
    thresholds={"epochs": Threshold(1, "measured epochs in a row")},
    explains=("tiny-updates", *NOT_LEARNING),
)
