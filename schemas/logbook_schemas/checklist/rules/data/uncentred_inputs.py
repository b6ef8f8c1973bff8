"""Inputs of ordinary size that all lie on one side of zero.

What it checks: the training inputs as the network sees them: within ±20, none below zero (or none above), with a mean
beyond ±0.3. Tokens, columns of 0 and 1 alone, and inputs that are to be reconstructed are left alone.

Why it matters: inputs of one sign make the gradients of a unit's weights move together, and training slower. It works
all the same: any of the usual ranges passes.

Instead: standardise, or subtract the training split's mean.

Source: Debugging Neural Networks: A Checklist (S3-05); What to do when a neural network does not learn (S4-22);
where the guides contradict each other on the right range, this is worth a note at most (C5).
"""

from __future__ import annotations

from collections.abc import Iterator

from logbook_schemas.checklist.examples import config, data, evidence
from logbook_schemas.checklist.guides import cite
from logbook_schemas.checklist.preparing import with_step_after
from logbook_schemas.checklist.rule import Evidence, Rule, Said, Threshold, Thresholds
from logbook_schemas.checklist.words import number
from logbook_schemas.records.measures import ArrayRecord, DataRecord

__all__ = ["RULE"]


def check(evidence: Evidence, at: Thresholds) -> Iterator[Said]:
    data = evidence.data
    inputs = data.inputs if data is not None else None
    if data is None or inputs is None or data.task == "reconstruction" or inputs.dtype.startswith("int"):
        return
    if inputs.mean is None or inputs.min is None or inputs.max is None or _wants_units(evidence):
        return
    if _is_binary(data, inputs):
        return
    is_one_sided = inputs.min >= 0 or inputs.max <= 0
    if is_one_sided and abs(inputs.mean) > at.mean and max(abs(inputs.min), abs(inputs.max)) <= at.largest:
        yield Said(
            message=f"The inputs run from {number(inputs.min)} to {number(inputs.max)} with mean"
            f" {number(inputs.mean)}: they are not centred.",
            where="data.inputs",
            measured=inputs.mean,
            expected="a mean of about 0",
            remedy="If training is slow, standardize the inputs.",
            change=with_step_after(evidence.config, {"kind": "standardize"}),
        )


def _is_binary(data: DataRecord, inputs: ArrayRecord) -> bool:
    """Say whether columns hold 0 and 1 alone: a share p of ones has the variance p (1 - p)."""
    if inputs.mean is None or inputs.std is None or len(data.input_shape) != 1:
        return False
    return abs(inputs.std**2 - inputs.mean * (1 - inputs.mean)) < 1e-4


def _wants_units(evidence: Evidence) -> bool:
    """Say whether the first layer is of binary units, which want inputs from 0 to 1."""
    pretraining = evidence.config.training.pretraining if evidence.config is not None else None
    return getattr(pretraining, "visible", None) == "binary"


def _pixels(mean: float, low: float) -> ArrayRecord:
    return ArrayRecord(mean=mean, std=0.35, min=low, max=1.0, column_mins=(low,), column_maxs=(1.0,))


RULE = Rule(
    code="D115",
    name="uncentred-inputs",
    severity="note",
    moment="data",
    title="The inputs all lie on one side of zero",
    why="Inputs of one sign make the gradients of a unit's weights move together, which is slower.",
    source=cite("S3-05", "S4-22", "C5"),
    check=check,
    bad=lambda: evidence(config=config(), data=data(inputs=_pixels(0.6, 0.0))),
    good=lambda: evidence(data=data(inputs=_pixels(0.1, -1.0))),
    doc=__doc__ or "",
    thresholds={
        "mean": Threshold(0.3, "absolute mean of the inputs (S4-22; S3-05 has 0.2)"),
        "largest": Threshold(20.0, "largest absolute value up to which size is no question; beyond, D101 speaks"),
    },
)
