"""A trained network that is no better than always giving the same answer.

What it checks: the best epoch of a training of at least 3 epochs, against the best constant prediction (the
largest class, the class shares, or the mean of the targets) on the same validation examples. A finding only
where neither the validation loss nor any metric covers more than 10 % of the way from that prediction to
perfection; accuracy within two standard errors of it doesn't count as better.

Why it matters: a loss that falls doesn't mean that anything useful is learnt.

Instead: see first what the other findings say. If there are none: does the network learn 50 examples by heart?
If so, look at the data: are the targets in the order of the inputs?

Source: My Neural Network isn't working! What should I do? (S0-09); Debugging Neural Networks: A Checklist
(S3-31, S3-32).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from logbook_schemas.checklist.curves import finite, gain, last_phase
from logbook_schemas.checklist.examples import curve, end, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import listing, number
from logbook_schemas.config.metrics import direction
from logbook_schemas.records.measures import DataRecord, EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data, epochs = evidence.data, last_phase(evidence)
    if data is None or len(epochs) < at.epochs:
        return
    best = _best(evidence, epochs)
    values = _values(best)
    compared = [name for name in data.baseline if name in values and _can_compare(name, data.baseline)]
    if not compared or any(_is_better(data, name, values[name], at) for name in compared):
        return
    pairs = [f"{name} {number(values[name])} against {number(data.baseline[name])}" for name in compared]
    answer = f" ({data.baseline_name})" if data.baseline_name else ""
    yield Said(
        message=f"The best epoch, {best.epoch}, is no better than always giving the same answer{answer}:"
        f" {listing(pairs)}.",
        where="validation",
        measured={name: number(values[name]) for name in compared},
        expected="more than 10 % of the way from the constant answer to perfection",
        remedy="Follow the other findings; then see whether 50 examples can be learnt by heart.",
    )


def _best(evidence: Evidence, epochs: tuple[EpochRecord, ...]) -> EpochRecord:
    """Return the epoch that the run calls its best, else the one of least validation loss, else the last."""
    number_of_best = evidence.end.best_epoch if evidence.end else None
    for epoch in epochs:
        if epoch.epoch == number_of_best:
            return epoch
    validated = [epoch for epoch in epochs if finite([epoch.val_loss])]
    return min(validated, key=lambda epoch: epoch.val_loss or 0.0) if validated else epochs[-1]


def _values(epoch: EpochRecord) -> dict[str, float]:
    return epoch.metrics if epoch.val_loss is None else {"val_loss": epoch.val_loss, **epoch.metrics}


def _can_compare(name: str, baseline: Mapping[str, float]) -> bool:
    """A loss of 0 or less has no known perfection, and a baseline that isn't finite says nothing."""
    return math.isfinite(baseline[name]) and (name != "val_loss" or baseline[name] > 0)


def _is_better(data: DataRecord, name: str, value: float, at: Thresholds) -> bool:
    baseline = data.baseline[name]
    if gain(name, value, baseline, mode=direction(name, data.metric_modes)) <= at.gain:
        return False
    rows = data.splits["validation"].rows if "validation" in data.splits else 0
    if name != "accuracy" or not rows:
        return True
    return value >= baseline + at.standard_errors * math.sqrt(max(0.0, baseline * (1 - baseline)) / rows)


RULE = Rule(
    code="E101",
    name="no-better-than-baseline",
    severity="warning",
    moment="end",
    title="The trained network is no better than a constant answer",
    why="A falling loss doesn't mean that anything useful is learnt.",
    source=cite("S0-09", "S3-31", "S3-32"),
    check=check,
    bad=lambda: evidence(
        epochs=curve([2.4, 2.31, 2.3, 2.3], [2.31, 2.31, 2.3, 2.32], metrics={"accuracy": 0.11}), end=end(best_epoch=3)
    ),
    good=evidence,
    doc=__doc__ or "",
    thresholds={
        "gain": Threshold(0.1, "share of the way from the constant answer to perfection (S0-09)"),
        "epochs": Threshold(3.0, "fewest epochs of a training that is judged (S3-32)"),
        "standard_errors": Threshold(2.0, "by which an accuracy must be above the constant answer's (S3-32)"),
    },
    explains=("chance-level", "underfitting", "ignored-class", "constant-predictions"),
)
