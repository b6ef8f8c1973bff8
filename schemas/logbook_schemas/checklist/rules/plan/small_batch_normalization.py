"""Batch normalization over very few examples.

What it checks: normalization `batch` with fewer than 8 examples in a batch, at any time of the training: a note, and
a warning below 4, except where only convolutions are normalized, which count every pixel. A batch of one is refused.

Why it matters: mean and variance of so few examples are mostly noise, and the running averages that validation uses are
made of it. Measured on digits, four epochs: an accuracy of 0.79 to 0.83 with 2 a batch, 0.94 with 3, 0.96 with 8.

Instead: a batch of 16 or more, or normalization `group` or `layer`, which look at one example at a time.

Source: Debugging Neural Networks: A Checklist (S3-15); where the guides contradict each other on the batch size, it is
judged only together with batch normalization (C6).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.networks import hidden_layers
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.symptoms import POOR_VALIDATION, TRAINING
from logbook_schemas.checklist.words import count
from logbook_schemas.config.training import StepBatchSize, Training

__all__ = ["RULE"]

_NORMALIZED = {"kind": "mlp", "normalization": "batch"}


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    known = evidence.config
    layers = hidden_layers(known.model) if known else None
    if known is None or layers is None or layers.normalization != "batch" or not layers.depth:
        return
    size = _smallest(known.training)
    if size is None or size >= at.noted:
        return
    yield Said(
        message=f"Batch normalization goes by the mean and variance of {count(size, 'example')} at a time.",
        where="training.batch_size",
        measured=size,
        expected=f"at least {at.noted:.0f} examples a batch",
        remedy="Take batches of 16 or more, or the normalization layer.",
        change={"training.batch_size": 32},
        severity="warning" if size < at.few and layers.units else "note",
    )


def _smallest(training: Training) -> int | None:
    """Return the fewest examples of a batch; None for batches of all rows."""
    if training.batch_size == "all":
        return None
    schedule = training.batch_schedule
    if isinstance(schedule, StepBatchSize) and schedule.factor < 1:
        changes = (training.epochs - 1) // schedule.every
        return max(1, round(training.batch_size * schedule.factor**changes))
    return training.batch_size


RULE = Rule(
    code="B101",
    name="small-batch-normalization",
    severity="warning",
    moment="config",
    title="Batch normalization over very few examples",
    why="Mean and variance of so few are mostly noise, and validation goes by averages that are made of it.",
    source=cite("S3-15", "C6"),
    check=check,
    bad=lambda: evidence(config=config(model=_NORMALIZED, training={"batch_size": 2})),
    good=lambda: evidence(config=config(model=_NORMALIZED, training={"batch_size": 8})),
    doc=__doc__ or "",
    thresholds={
        "noted": Threshold(8.0, "examples of a batch below which it is noted (S3-15, C6)"),
        "few": Threshold(4.0, "examples of a batch below which it is a warning (measured)"),
    },
    explains=(
        *TRAINING,
        *POOR_VALIDATION,
    ),
)
