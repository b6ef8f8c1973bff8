"""Predictions that are nearly all of one class.

What it checks: whether one class makes up more than 95 % of the validation predictions in three epochs
running (not before 100 steps and a tenth of the planned epochs), although less than 80 % of the examples are
of it. Fewer than 20 predictions are not judged.

Why it matters: the network ignores its inputs. Accuracy may look well all the same where that class is large.

Instead: look at the balance of the classes, the learning rate, the output activation and the scale of the inputs.

Source: Debugging Neural Networks: A Checklist (S3-08, S3-33).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.curves import last_phase, planned_share
from logbook_schemas.checklist.examples import curve, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import percent
from logbook_schemas.records.measures import DataRecord, EpochRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data, epochs = evidence.data, last_phase(evidence)
    if data is None or len(epochs) < at.epochs or _is_early(evidence, epochs[-1], at):
        return
    top = _dominant(epochs[-1], at)
    if top is None or any(_dominant(epoch, at) != top for epoch in epochs[-int(at.epochs) : -1]):
        return
    actual = _actual_share(data, top)
    if actual is None or actual >= at.large_class:
        return
    counts = epochs[-1].predicted_counts
    name = data.classes[top] if top < len(data.classes) else str(top)
    share = counts[top] / sum(counts)
    yield Said(
        message=f"In epoch {epochs[-1].epoch}, {percent(share)} of the validation predictions are class {name},"
        f" which {percent(actual)} of the examples are of.",
        where="validation predictions",
        measured=share,
        expected=f"about {percent(actual)}",
        remedy="Look at the learning rate, the scale of the inputs, the output activation and the class sizes.",
    )


def _is_early(evidence: Evidence, epoch: EpochRecord, at: Thresholds) -> bool:
    few_steps = 0 < epoch.steps < at.early_steps
    return few_steps or epoch.epoch < planned_share(evidence, at.early_share)


def _dominant(epoch: EpochRecord, at: Thresholds) -> int | None:
    """Return the class of nearly all predictions, or None."""
    counts = epoch.predicted_counts
    total = sum(counts)
    if total < at.predictions or len(counts) < 2:
        return None
    top = max(range(len(counts)), key=lambda index: counts[index])
    return top if counts[top] > at.share * total else None


def _actual_share(data: DataRecord, index: int) -> float | None:
    """Return the share of a class among the validation examples, else among the training examples."""
    for name in ("validation", "train"):
        counts = data.splits[name].class_counts if name in data.splits else ()
        total = sum(counts)
        if index < len(counts) and total > 0:
            return counts[index] / total
    return None


RULE = Rule(
    code="T103",
    name="one-class-predictions",
    severity="warning",
    moment="epoch",
    title="Nearly all predictions are of one class",
    why="The network ignores its inputs, however well the accuracy looks.",
    source=cite("S3-08", "S3-33"),
    check=check,
    bad=lambda: evidence(epochs=curve([2.3] * 3, [2.3] * 3, predicted_counts=(0, 0, 0, 360, 0, 0, 0, 0, 0, 0))),
    good=evidence,
    doc=__doc__ or "",
    version=2,
    thresholds={
        "share": Threshold(0.95, "share of the validation predictions that are of one class (S3-08)"),
        "large_class": Threshold(0.8, "share of the examples above which a class may well be nearly all (S3-08)"),
        "predictions": Threshold(20.0, "fewest validation predictions that are judged"),
        "epochs": Threshold(3.0, "epochs running that the same class is; weak signals take two (measured)"),
        "early_steps": Threshold(100.0, "optimizer steps before which nothing is judged (measured)"),
        "early_share": Threshold(0.1, "share of the planned epochs before which nothing is judged (measured)"),
    },
    explains=("ignored-class", "no-better-than-baseline", "chance-level", "underfitting"),
)
